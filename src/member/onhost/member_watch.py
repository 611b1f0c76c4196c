"""What a daemon's loop needs: files that change under it, and patience between tries."""

import time
from pathlib import Path


class Watch:
    """Whether files are others than before."""

    def __init__(self, files: list[Path]):
        self.files = files
        self.former = self.stamps()

    def stamps(self) -> list[int]:
        return [file.stat().st_mtime_ns for file in self.files]

    def changed(self) -> bool:
        former, self.former = self.former, self.stamps()
        return former != self.former


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


def programs(*patterns: str) -> Watch:
    """The daemon's own: when they change it ends, and systemd starts the new one."""
    folder = Path(__file__).parent
    return Watch(sorted(path for pattern in (*patterns, "member_*") for path in folder.glob(pattern)))
