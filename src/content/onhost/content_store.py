"""What a role of many files knows of them. All of it lies in /var/lib/evenkeel/roles/ROLE/content:

manifest     the newest that has arrived, as src/content/manifest.ts writes it
incoming/    files that have arrived and are not in place yet, by their checksums
record.json  what is in place, and which manifests it was made from
journal      names of files that a step is about to make beside others: what a cut-off one has left
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import time
from pathlib import Path
from typing import NamedTuple

ROLES = Path("/var/lib/evenkeel/roles")
RUN = Path("/run/evenkeel")


class Refused(Exception):
    """Told to whoever deploys."""


class Entry(NamedTuple):
    checksum: str
    size: int
    kind: str
    path: str


class Manifest(NamedTuple):
    id: str
    root: str
    entries: list[Entry]
    # The user that reads the secrets among them.
    reader: str = "www-data"
    # Of a release: how many are kept, and the folders that are shared by all of them.
    keep: int | None = None
    links: tuple[str, ...] = ()


class Record:
    """What is in place, and the manifests that were published and tidied last."""

    def __init__(
        self,
        names: dict[str, list] | None = None,
        published: str = "",
        tidied: str = "",
        releases: list[str] | None = None,
    ):
        # By path: checksum, kind, and what tells without reading that the file is as it was put there.
        self.names = names or {}
        self.published = published
        self.tidied = tidied
        # Their folders, the one that was published last at the end.
        self.releases = releases or []


def checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def checksum_of_file(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parse(text: str) -> Manifest:
    """The first line is `root FOLDER [READER [KEEP]]`, every other one `CHECKSUM SIZE KIND PATH`, with the path below the root."""
    first, *lines = text.splitlines()
    _, root, *more = first.split(" ")
    reader, keep = [*more, *["www-data", ""][len(more) :]]
    fields = [line.split(" ", 3) for line in lines]
    entries = [Entry(sha, int(size), kind, f"{root}/{path}") for sha, size, kind, path in fields if kind != "shared"]
    links = tuple(path for _, _, kind, path in fields if kind == "shared")
    return Manifest(checksum(text.encode()), root, entries, reader, int(keep) if keep else None, links)


class Store:
    """What one role knows."""

    def __init__(self, role: str):
        self.role = role
        self.folder = ROLES / role / "content"
        self.incoming = self.folder / "incoming"
        self.record = Record()
        if (self.folder / "record.json").exists():
            self.record = Record(**json.loads((self.folder / "record.json").read_text()))

    def manifest_text(self) -> str:
        path = self.folder / "manifest"
        return path.read_text() if path.exists() else ""

    def manifest(self, wanted: str) -> Manifest:
        text = self.manifest_text()
        if not text or checksum(text.encode()) != wanted:
            raise Refused("its files have not arrived on this host: run `pulumi up` again")
        return parse(text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").replace(path)

    def save(self) -> None:
        self.write("record.json", json.dumps(vars(self.record), separators=(",", ":")))

    def has(self, wanted: str) -> bool:
        return (self.incoming / wanted).exists() or wanted in self.in_place()

    def in_place(self) -> dict[str, str]:
        """Paths of files that are as they were put in place, by checksum."""
        if not hasattr(self, "_in_place"):
            self._in_place = {names[0]: path for path, names in self.record.names.items() if self.is_untouched(path)}
        return self._in_place

    def is_untouched(self, path: str) -> bool:
        known = self.record.names.get(path)
        return known is not None and known[2:] == signature(path)

    def note(self, entry: Entry) -> None:
        self.record.names[entry.path] = [entry.checksum, entry.kind, *signature(entry.path)]

    def clear_incoming(self) -> None:
        shutil.rmtree(self.incoming, ignore_errors=True)


def signature(path: str) -> list[int]:
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return []
    if not stat.S_ISREG(found.st_mode):
        return []
    return [found.st_size, found.st_mtime_ns, found.st_ino, found.st_mode, found.st_uid, found.st_gid]


@contextlib.contextmanager
def locked(path: Path, seconds: int = 600):
    """The kernel's lock, as role.bash takes it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "w") as file:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Refused(f"another one has held {path} for {seconds} s") from None
                time.sleep(0.05)
        yield


def room(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def human(size: int) -> str:
    """As numfmt --to=iec has it."""
    value, unit = float(size), ""
    for unit in ("", "K", "M", "G"):
        if value < 1024:
            break
        value /= 1024
    return f"{value:.1f}{unit}" if unit and value < 10 else f"{value:.0f}{unit}"


def not_written(path: str, error: OSError) -> Refused:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return Refused(f"{path} could not be written: {error.strerror}; nothing was changed on this host")
    left = human(min(room(Path(path)), room(ROLES)))
    return Refused(f"{path} could not be written ({left} left on the disk); nothing was changed on this host")


def not_arrived(entry: Entry) -> str:
    return f"{entry.path} has not arrived on this host: it does with the next change of any of its files"
