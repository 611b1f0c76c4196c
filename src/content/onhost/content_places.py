"""Files are put in place all together or not at all."""

import contextlib
import grp
import os
import pwd
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from content_store import Entry, Manifest, Refused, Store, not_arrived, not_written

# Folders that roles have made (ownership.bash).
MADE = Path("/var/lib/evenkeel/made")
# Hidden, so that they are not served.
BESIDE, FORMER = ".evenkeel-new.", ".evenkeel-former."


def put(store: Store, manifest: Manifest, entries: list[Entry]) -> None:
    """Everything lies beside its place before the first name is swapped, and what was there stays until the last one is."""
    if not entries:
        return
    wanted = {entry.path for entry in manifest.entries}
    around = [nearest_folder(entry.path) for entry in entries]
    new = [f"{folder}/{BESIDE}{number}" for number, folder in enumerate(around)]
    before = [f"{folder}/{FORMER}{number}" for number, folder in enumerate(around)]
    blockers = [
        (path, f"{folder}/{FORMER}{number}.{inner}")
        for number, (entry, folder) in enumerate(zip(entries, around, strict=True))
        for inner, path in enumerate(in_the_way(entry.path))
        if path not in wanted
    ]
    # A file that is in the way of several.
    blockers = list(dict(blockers).items())
    undo: list[Callable[[], object]] = []
    used: set[str] = set()
    path = manifest.root
    try:
        store.write("journal", "".join(f"{name}\n" for name in [*new, *before, *dict(blockers).values()]))
        for entry, name in zip(entries, new, strict=True):
            path = entry.path
            lay_beside(store, entry, name, used, manifest.reader)
        for path, name in blockers:
            move_away(path, name, undo)
        for entry, name, former in zip(entries, new, before, strict=True):
            path = entry.path
            replace(path, name, former, undo)
    except (OSError, Refused) as error:
        refusal = error if isinstance(error, Refused) else not_written(path, error)
        for step in reversed(undo):
            with contextlib.suppress(OSError):
                step()
        discard_leftovers(store)
        raise refusal from error
    for path, _ in blockers:
        store.record.names.pop(path, None)
    for entry in entries:
        store.note(entry)
    for sha in used:
        (store.incoming / sha).unlink()
    discard_leftovers(store)


def lay_beside(store: Store, entry: Entry, name: str, used: set[str], reader: str) -> None:
    arrived = store.incoming / entry.checksum
    if entry.checksum not in used and arrived.exists():
        used.add(entry.checksum)
        link_or_copy(str(arrived), name)
    elif arrived.exists():
        shutil.copyfile(arrived, name)
    elif source := store.in_place().get(entry.checksum):
        shutil.copyfile(source, name)
    else:
        raise Refused(not_arrived(entry))
    mode, owner, group = attributes(entry, reader, former_reader(entry.path))
    os.chown(name, owner, group)
    os.chmod(name, mode)
    # Who may not read a secret may see its time.
    if entry.kind != "secret":
        os.utime(name, (time_of(entry), time_of(entry)))


def time_of(entry: Entry) -> int:
    """A second of the years 2001 to 2009 that goes by what is in the file.

    Web servers make a file's ETag of its time and size: so it is the same on all hosts, and another one with other content.
    """
    return 978_307_200 + int(entry.checksum[:7], 16)


def link_or_copy(source: str, name: str) -> None:
    try:
        os.link(source, name)
    except OSError:
        # On another disk than /var/lib/evenkeel.
        shutil.copyfile(source, name)


def move_away(path: str, name: str, undo: list[Callable[[], object]]) -> None:
    """A file where a folder is to be, or one in a folder where a file is to be."""

    def back() -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        os.rename(name, path)

    os.rename(path, name)
    undo.append(back)


def replace(path: str, name: str, former: str, undo: list[Callable[[], object]]) -> None:
    if os.path.isdir(path):
        remove_empty_below(path)
    make_folders(os.path.dirname(path), undo)
    if os.path.lexists(path):
        os.link(path, former, follow_symlinks=False)
        undo.append(lambda: os.replace(former, path))
    else:
        undo.append(lambda: os.unlink(path))
    os.rename(name, path)


def remove_empty_below(folder: str) -> None:
    for path, _, _ in os.walk(folder, topdown=False):
        os.rmdir(path)


def make_folders(folder: str, undo: list[Callable[[], object]]) -> None:
    if os.path.isdir(folder):
        return
    make_folders(os.path.dirname(folder), undo)
    with open(MADE, "a") as made:
        print(folder, file=made)
    os.mkdir(folder)
    undo.append(lambda: os.rmdir(folder))
    os.chmod(folder, 0o755)


def discard_leftovers(store: Store) -> None:
    journal = store.folder / "journal"
    if journal.exists():
        for name in journal.read_text().splitlines():
            Path(name).unlink(missing_ok=True)
        journal.unlink()


def remove(store: Store, paths: list[str]) -> None:
    """Secrets are overwritten first."""
    for path in paths:
        kind = store.record.names.pop(path)[1]
        if kind == "secret" and os.path.isfile(path) and not os.path.islink(path):
            overwrite(path)
        # Somebody may have removed it, or made a folder of it.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            os.unlink(path)
    made = set(MADE.read_text().splitlines()) if MADE.exists() else set()
    for folder in sorted({str(parent) for path in paths for parent in Path(path).parents} & made, reverse=True):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def overwrite(path: str) -> None:
    with open(path, "r+b") as file:
        file.write(bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())


def is_free(path: str) -> bool:
    return next(in_the_way(path), None) is None


def in_the_way(path: str) -> Iterator[str]:
    """What is where a file is to be: the file, those in a folder of its name, or one whose name a folder of it has."""
    if os.path.isdir(path) and not os.path.islink(path):
        for folder, _, files in os.walk(path):
            yield from (f"{folder}/{name}" for name in files)
        return
    if os.path.lexists(path):
        yield path
        return
    folder = os.path.dirname(path)
    while not os.path.isdir(folder):
        if os.path.lexists(folder):
            yield folder
        folder = os.path.dirname(folder)


def nearest_folder(path: str) -> str:
    folder = os.path.dirname(path)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def attributes(entry: Entry, reader: str, former: str | None = None) -> tuple[int, int, int]:
    """Mode, owner and group: what runs PHP reads a secret, and no other user does.

    Where another user ran it so far that one reads it, too, until `settle`: the daemon has not changed over yet.
    """
    if entry.kind != "secret":
        return 0o644, 0, 0
    try:
        group = pwd.getpwnam(reader).pw_gid
    except KeyError:
        raise Refused(f"there is no user {reader} to read {entry.path}; nothing was changed on this host") from None
    if former and former != reader:
        return 0o440, pwd.getpwnam(former).pw_uid, group
    return 0o640, 0, group


def former_reader(path: str) -> str | None:
    """Who reads the secret that is there."""
    with contextlib.suppress(OSError, KeyError):
        found = os.lstat(path)
        if found.st_uid:
            return pwd.getpwuid(found.st_uid).pw_name
        name = grp.getgrgid(found.st_gid).gr_name
        return pwd.getpwnam(name).pw_name if found.st_gid else None
    return None


def is_as_it_should(entry: Entry, reader: str) -> bool:
    """Between two readers a secret is as it should be, too."""
    try:
        found = os.lstat(entry.path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if not stat.S_ISREG(found.st_mode):
        return False
    has = stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid
    return has in (attributes(entry, reader), attributes(entry, reader, former_reader(entry.path)))


def settle(store: Store, manifest: Manifest) -> None:
    """Nobody but its reader reads a secret any more."""
    for entry in manifest.entries:
        if entry.kind == "secret" and store.is_untouched(entry.path):
            mode, owner, group = attributes(entry, manifest.reader)
            os.chown(entry.path, owner, group)
            os.chmod(entry.path, mode)
            store.note(entry)
