"""The kernel's inotify, by the C library: one watch per folder. Names are bytes, as they are on the disk."""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MODIFY, ATTRIB, CLOSE_WRITE = 0x2, 0x4, 0x8
MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x40, 0x80, 0x100, 0x200
DELETE_SELF, MOVE_SELF = 0x400, 0x800
UNMOUNT, OVERFLOW, IGNORED = 0x2000, 0x4000, 0x8000
ONLYDIR, DONT_FOLLOW, EXCL_UNLINK = 0x1000000, 0x2000000, 0x4000000
CHANGES = MODIFY | ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF

HEADER = struct.Struct("iIII")
BUFFER = 1 << 18
LIMITS = Path("/proc/sys/fs/inotify")

_libc = ctypes.CDLL(None, use_errno=True)


class OutOfWatches(Exception):
    """Told to whoever looks after the host: nothing goes on before it is raised."""


class Event(NamedTuple):
    watch: int
    mask: int
    # Empty: of the watched folder itself.
    name: bytes


def limit(name: str) -> str:
    try:
        return (LIMITS / name).read_text().strip()
    except OSError:
        return "unknown"


class Inotify:
    """Reads without waiting; `fileno` is for select."""

    def __init__(self) -> None:
        self.descriptor = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self.descriptor < 0:
            number = ctypes.get_errno()
            if number == errno.EMFILE:
                told = limit("max_user_instances")
                raise OutOfWatches(f"too many programs watch files: raise fs.inotify.max_user_instances, which is {told}")
            raise OSError(number, os.strerror(number))

    def fileno(self) -> int:
        return self.descriptor

    def add(self, folder: bytes, follow: bool = False) -> int | None:
        """The watch; none if there is no such folder now. The same folder has the same watch again."""
        mask = CHANGES | ONLYDIR | EXCL_UNLINK | (0 if follow else DONT_FOLLOW)
        watch = _libc.inotify_add_watch(self.descriptor, ctypes.c_char_p(folder), ctypes.c_uint32(mask))
        if watch >= 0:
            return watch
        number = ctypes.get_errno()
        if number == errno.ENOSPC:
            told = limit("max_user_watches")
            raise OutOfWatches(f"the tree has more folders than may be watched: raise fs.inotify.max_user_watches, which is {told}")
        # Whoever reads the folder finds that out, too, and tells it better.
        if number in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES):
            return None
        raise OSError(number, os.strerror(number), folder)

    def remove(self, watch: int) -> None:
        """Of a folder that is gone it is removed already."""
        _libc.inotify_rm_watch(self.descriptor, watch)

    def read(self) -> Iterator[Event]:
        """What has happened until now."""
        while True:
            try:
                data = os.read(self.descriptor, BUFFER)
            except BlockingIOError:
                return
            at = 0
            while at < len(data):
                watch, mask, _, length = HEADER.unpack_from(data, at)
                at += HEADER.size
                yield Event(watch, mask, data[at : at + length].rstrip(b"\0"))
                at += length
