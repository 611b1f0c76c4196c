"""Room for a member's rows: it leaves while it still can in good order, before MariaDB waits for somebody to make some."""

import os
from pathlib import Path

# Megabytes: with less it leaves, with more it comes back.
ROOM_TO_STAY, ROOM_TO_RETURN = 100, 200
NO_ROOM_TO_STAY = f"the disk is full: less than {ROOM_TO_STAY} MB are left for its data"
NO_ROOM_TO_RETURN = f"the disk is full: it joins when {ROOM_TO_RETURN} MB are free for its data"


def room_for(folder: Path) -> int:
    disk = os.statvfs(folder if folder.exists() else folder.parent)
    return disk.f_bavail * disk.f_frsize // 2**20


def why_not_restart(room: int) -> str | None:
    if room >= ROOM_TO_RETURN:
        return None
    return f"{room} MB are free for its data, and it joins again with {ROOM_TO_RETURN}: make room first"
