"""What a daemon's loop needs: files that change under it, and patience between tries."""

import os
import subprocess
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
# So long nothing of it changes any more before it is taken for whole.
SETTLED_SECONDS = 2
# Daemons look around several times a second, and their programs are many: half of a quiet member's work (measured).
OWN_SECONDS = 1


class Watch:
    """Whether files are others than before."""

    def __init__(self, files: list[Path]):
        self.files = [str(file) for file in files]
        self.former = self.stamps()

    def stamps(self) -> list[int]:
        return [stamp(file) for file in self.files]

    def changed(self) -> bool:
        former, self.former = self.former, self.stamps()
        return former != self.former


def stamp(file: str) -> int:
    try:
        return os.stat(file).st_mtime_ns
    except FileNotFoundError:
        return 0


class Edition:
    """A daemon's own programs, and how systemd is to start them. When they are others it ends, and systemd starts those."""

    def __init__(self, unit: str, *patterns: str):
        folder = Path(__file__).parent
        programs = {path for pattern in (*patterns, "member_*") for path in folder.glob(pattern)}
        self.unit = unit
        self.watch = Watch([*sorted(programs), UNITS / unit, UNITS / f"{unit}.d"])
        self.looked_at = time.monotonic()
        self.changed_at: float | None = None

    def is_former(self) -> bool:
        """Only when all of the new one is there: it comes file by file, and systemd learns of it last."""
        now = time.monotonic()
        if now - self.looked_at < OWN_SECONDS:
            return False
        self.looked_at = now
        if self.watch.changed():
            self.changed_at = now
        if self.changed_at is None or now - self.changed_at < SETTLED_SECONDS:
            return False
        command = ["systemctl", "show", "--property=NeedDaemonReload", "--value", self.unit]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() != "yes"


class Patience:
    """Between two tries of the same kind lie 0.5, 1, 2 … 30 s."""

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        self.delay, self.next = 0.5, 0.0

    def allows(self) -> bool:
        if time.monotonic() < self.next:
            return False
        self.next = time.monotonic() + self.delay
        self.delay = min(self.delay * 2, 30)
        return True
