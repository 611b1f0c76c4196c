"""What is watched of one tree, and what has changed in it."""

from collections.abc import Iterator

from sync_copies import restore
from sync_inotify import (
    CHANGES,
    IGNORED,
    MOVED_TO,
    OVERFLOW,
    UNMOUNT,
    Event,
    Inotify,
)

# A change is told when its file has rested so long...
QUIET_SECONDS = 0.15
# ...or, as some never rest, so long after the first one.
LONGEST_SECONDS = 0.8
# unison writes beside the place, then renames.
TEMPORARY = (b".unison.", b".unison.tmp")


class Replica:
    """One tree, by the paths that unison knows its files by."""

    def __init__(self, inotify: Inotify) -> None:
        self.inotify = inotify
        self.root = b""
        self.watches: dict[bytes, int] = {}
        # A folder may have several, where it is mounted twice.
        self.paths: dict[int, set[bytes]] = {}
        # When each path changed first and last.
        self.changed: dict[bytes, tuple[float, float]] = {}
        self.begin = b""
        self.seen: set[bytes] = set()

    def start(self, root: bytes, path: bytes) -> None:
        self.root, self.begin, self.seen = root, path, set()

    def watch(self, path: bytes, follow: bool) -> None:
        full = join(self.begin, path)
        watch = self.inotify.add(join(self.root, full), follow)
        if watch is None:
            return
        self.seen.add(full)
        if self.watches.get(full) != watch:
            self.forget(full)
            self.watches[full] = watch
            self.paths.setdefault(watch, set()).add(full)

    def done(self) -> None:
        """What is below the path and was not read is no folder any more."""
        if not self.begin:
            gone = self.watches.keys() - self.seen
        else:
            below = self.begin + b"/"
            gone = {path for path in self.watches if path == self.begin or path.startswith(below)} - self.seen
        for path in gone:
            self.forget(path)

    def forget(self, path: bytes) -> None:
        watch = self.watches.pop(path, None)
        if watch is None:
            return
        paths = self.paths.get(watch, set())
        paths.discard(path)
        if not paths:
            self.paths.pop(watch, None)
            self.inotify.remove(watch)

    def reset(self) -> None:
        for path in list(self.watches):
            self.forget(path)
        self.changed.clear()

    def note(self, event: Event, now: float) -> None:
        if event.mask & OVERFLOW:
            self.touch(b"", now)
        for path in list(self.paths.get(event.watch, ())):
            if event.mask & IGNORED:
                self.paths.pop(event.watch, None)
                if self.watches.get(path) == event.watch:
                    del self.watches[path]
            elif event.mask & (CHANGES | UNMOUNT) and not is_temporary(event.name):
                self.touch(join(path, event.name), now)
                if event.mask & MOVED_TO:
                    restore(join(self.root, path), event.name)

    def touch(self, path: bytes, now: float) -> None:
        self.changed[path] = (self.changed.get(path, (now, now))[0], now)

    def due(self) -> float | None:
        """When there is something to tell."""
        return min((at(*times) for times in self.changed.values()), default=None)

    def take(self, now: float) -> list[bytes]:
        """What is to be read again; what is below such a folder is read with it."""
        due = {path for path, times in self.changed.items() if at(*times) <= now}
        for path in due:
            del self.changed[path]
        if b"" in due:
            return [b""]
        return sorted(path for path in due if due.isdisjoint(parents(path)))


def at(first: float, last: float) -> float:
    return min(last + QUIET_SECONDS, first + LONGEST_SECONDS)


def parents(path: bytes) -> Iterator[bytes]:
    while b"/" in path:
        path = path.rpartition(b"/")[0]
        yield path


def join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder and name else folder or name


def is_temporary(name: bytes) -> bool:
    return name.startswith(TEMPORARY[0]) and name.endswith(TEMPORARY[1])
