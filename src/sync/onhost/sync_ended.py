"""Why lsyncd has ended: it tells that to the journal alone, and people ask the status."""

import os
import time

from sync_local import Local, read

LIMIT = "/proc/sys/fs/inotify/max_user_watches"


def note(local: Local, result: str, status: str) -> None:
    if result == "success":
        local.drop("ended.json")
    else:
        local.keep("ended.json", {"at": time.time(), "why": why(local, status)})


def why(local: Local, status: str) -> str:
    # lsyncd has one watch for each folder; the account is this sync's alone, so no other program's count.
    folders, limit = sum(1 for _ in os.walk(os.fsencode(local.path))), int(read(LIMIT))
    if folders > limit:
        return f"{local.path} has {folders} folders and {limit} may be watched: raise fs.inotify.max_user_watches"
    return f"lsyncd ended with {status}: journalctl -u evenkeel-sync-{local.name}"


def since(local: Local, last: float) -> str | None:
    """Why it is not running, if nothing has gone to any target since."""
    ended = local.read("ended.json")
    return ended["why"] if ended.get("at", 0) > last else None
