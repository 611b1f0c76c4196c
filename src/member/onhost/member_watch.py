"""What a daemon's loop needs: files that change under it, and patience between tries."""

import subprocess
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
# So long nothing of it changes any more before it is taken for whole.
SETTLED_SECONDS = 2


class Watch:
    """Whether files are others than before."""

    def __init__(self, files: list[Path]):
        self.files = files
        self.former = self.stamps()

    def stamps(self) -> list[int]:
        return [file.stat().st_mtime_ns if file.exists() else 0 for file in self.files]

    def changed(self) -> bool:
        former, self.former = self.former, self.stamps()
        return former != self.former


class Edition:
    """A daemon's own programs, and how systemd is to start them. When they are others it ends, and systemd starts those."""

    def __init__(self, unit: str, *patterns: str):
        folder = Path(__file__).parent
        programs = {path for pattern in (*patterns, "member_*") for path in folder.glob(pattern)}
        self.unit = unit
        self.watch = Watch([*sorted(programs), UNITS / unit, UNITS / f"{unit}.d"])
        self.changed_at: float | None = None

    def is_former(self) -> bool:
        """Only when all of the new one is there: it comes file by file, and systemd learns of it last."""
        if self.watch.changed():
            self.changed_at = time.monotonic()
        if self.changed_at is None or time.monotonic() - self.changed_at < SETTLED_SECONDS:
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
