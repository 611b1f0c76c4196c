"""What a host knows of a sync by itself: its settings, its tree, and what it keeps beside the tree."""

import contextlib
import fcntl
import json
import os
import time

SETTINGS = "/etc/evenkeel/sync"
STATES = "/var/lib/evenkeel/sync"
RUNS = "/run"
# In the root of the tree: a folder without it is a mount point with nothing on it, or another folder.
MARKER = ".evenkeel-sync"


class Local:
    def __init__(self, name: str):
        self.name = name
        self.config = json.loads(read(f"{SETTINGS}/{name}.json"))
        self.path = self.config["path"]
        self.state = f"{STATES}/{name}"
        self.run = f"{RUNS}/evenkeel-sync-{name}"
        self.ssh = f"{SETTINGS}/{name}.ssh"

    def targets(self) -> list[str]:
        return [host for host in self.config["hosts"] if host != self.config["source"]]

    def marked(self) -> bool:
        return os.path.lexists(f"{self.path}/{MARKER}")

    def mark(self) -> None:
        with open(f"{self.path}/{MARKER}", "a", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o644)):
            pass

    def empty(self) -> bool:
        """Whether there is no file in it; folders alone are what a package or a unit makes."""
        for folder, _, files in os.walk(os.fsencode(self.path)):
            if any(name != MARKER.encode() for name in files) or links_in(folder):
                return False
        return True

    def unmarked(self) -> str:
        return f"{self.path} on {self.config['host']} has no {MARKER}: is it mounted, is it the folder?"

    def has(self, what: str) -> bool:
        return os.path.exists(f"{self.state}/{what}")

    def read(self, what: str) -> dict:
        """A record, or nothing if there is none that can be read."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads(read(f"{self.state}/{what}"))
        return {}

    def keep(self, what: str, record: dict) -> None:
        write(f"{self.state}/{what}", json.dumps(record) + "\n")

    def touch(self, what: str) -> None:
        write(f"{self.state}/{what}", "")

    def drop(self, what: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{self.state}/{what}")


def links_in(folder: bytes) -> bool:
    """os.walk counts links to folders as folders."""
    with os.scandir(folder) as entries:
        return any(entry.is_symlink() for entry in entries)


def read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path: str, text: str) -> None:
    """Whole, or as it was."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    new = f"{path}.{os.getpid()}.{time.monotonic_ns()}.new"
    try:
        with open(new, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(new, path)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(new)
        raise


def lock(path: str, patience: float) -> int | None:
    """A descriptor that holds the lock while it is open, or None if somebody else has held it so long."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(file)
                return None
            # flock cannot be waited for with a bound, unless by a signal.
            time.sleep(0.05)
        else:
            return file
