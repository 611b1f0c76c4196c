"""Takes what this host lacks from whoever deploys. Both sides speak in turn, and only of what differs:

deployer  the manifest's checksum, `root FOLDER`, a line `PART CHECKSUM` for each part of it, an empty line
host      the parts that it lacks, an empty line
deployer  each of them: its length in a line, its lines
host      the checksums of the files that it lacks, an empty line
deployer  each of them: its length in a line, its bytes
host      `done`

A part are the lines whose paths' checksums begin alike. What has arrived whole stays for the next try.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import BinaryIO

from content_store import (
    Refused,
    Store,
    checksum,
    human,
    locked,
    not_written,
    parse,
    room,
)

PART_DIGITS = 2
CHUNK = 1 << 20


def receive(role: str) -> None:
    store = Store(role)
    try:
        store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(store.folder / "lock", 1):
            take(store, sys.stdin.buffer)
    except OSError as error:
        raise not_written(str(store.folder), error) from error
    finally:
        # A role that did not come into being leaves no folder either.
        if not store.manifest_text() and not store.incoming.exists():
            (store.folder / "lock").unlink(missing_ok=True)
            remove_empty(store)


def take(store: Store, source: BinaryIO) -> None:
    wanted, root = line(source), line(source)
    text = take_manifest(store, source, wanted, root)
    manifest = parse(text)
    sizes = {entry.checksum: entry.size for entry in manifest.entries if entry.kind != "text"}
    lacking = sorted(sha for sha in sizes if not store.has(sha))
    answer(lacking)
    needed, left = sum(sizes[sha] for sha in lacking), room(store.folder)
    if needed > left:
        raise Refused(
            f"{manifest.root} could not be written ({human(left)} left on the disk, {human(needed)} needed); "
            "nothing was changed on this host"
        )
    arrived = []
    try:
        if lacking:
            store.incoming.mkdir(mode=0o700, exist_ok=True)
        for sha in lacking:
            take_file(store, source, sha)
            arrived.append(sha)
        if arrived:
            flush(store.folder)
        store.write("manifest", text)
    except OSError as error:
        for sha in arrived:
            (store.incoming / sha).unlink()
        for left_over in store.folder.glob("*.new"):
            left_over.unlink()
        raise not_written(manifest.root, error) from error
    finally:
        # If nothing is in it.
        with contextlib.suppress(OSError):
            store.incoming.rmdir()
    print("done", flush=True)


def flush(folder: Path) -> None:
    """Before a name is swapped its bytes are on the disk: a host that loses power has the former ones or these."""
    subprocess.run(["sync", "--file-system", folder], check=True)


def take_manifest(store: Store, source: BinaryIO, wanted: str, root: str) -> str:
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for each in store.manifest_text().splitlines()[1:]:
        lines[part_of(each)].append(each)
    parts = []
    while announced := line(source):
        part, sha = announced.split()
        parts.append(part)
        if checksum(joined(lines[part])) != sha:
            lines[part] = []
    lacking = [part for part in parts if not lines[part]]
    answer(lacking)
    for part in lacking:
        lines[part] = exactly(source, int(line(source))).decode().splitlines()
    own = sorted((each for part in parts for each in lines[part]), key=str.encode)
    text = joined([root, *own]).decode()
    if checksum(text.encode()) != wanted:
        raise Refused("the manifest of its files arrived damaged; nothing was changed on this host")
    return text


def part_of(manifest_line: str) -> str:
    return checksum(manifest_line.split(" ", 3)[3].encode())[:PART_DIGITS]


def joined(lines: list[str]) -> bytes:
    return "".join(f"{each}\n" for each in lines).encode()


def take_file(store: Store, source: BinaryIO, sha: str) -> None:
    left, digest = int(line(source)), hashlib.sha256()
    path = store.incoming / "partial"
    try:
        with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            while left:
                chunk = exactly(source, min(left, CHUNK))
                digest.update(chunk)
                file.write(chunk)
                left -= len(chunk)
        if digest.hexdigest() != sha:
            raise Refused("a file arrived damaged; nothing was changed on this host")
        path.rename(store.incoming / sha)
    finally:
        path.unlink(missing_ok=True)


def line(source: BinaryIO) -> str:
    text = source.readline()
    if not text.endswith(b"\n"):
        raise Refused("the connection ended early; nothing was changed on this host")
    return text[:-1].decode()


def exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise Refused("the connection ended early; nothing was changed on this host")
    return data


def answer(lines: list[str]) -> None:
    print(*lines, "", sep="\n", flush=True)


def remove_empty(store: Store) -> None:
    for folder in (store.folder, store.folder.parent):
        with contextlib.suppress(OSError):
            folder.rmdir()
