"""How files come to their places, in three steps, each of them on all hosts of a pool before the next one begins:

arrive   what has a new name is put in place, as nothing asks for it yet
publish  what changed is swapped, pages last: whatever they refer to is on every host already
tidy     what is there no more is removed, as no host has a page that refers to it any more

So a visitor whose requests go to different hosts never gets a page without what it refers to.
"""

import functools
import os
import sys
import time
from pathlib import Path

import content_places
import content_releases
import content_store
from content_store import (
    Entry,
    Manifest,
    Refused,
    Store,
    checksum,
    checksum_of_file,
    locked,
    not_arrived,
    not_written,
)

# Who has just got a page asks for what it refers to.
GRACE_S = 5


def arrive(role: str, root: str, texts: str) -> str | None:
    """A part of the role's text: role.bash has the host's lock."""
    store, manifest = begin(role, manifest_id())
    if manifest.root != root:
        raise Refused(f"its files are for {manifest.root}; nothing was changed on this host")
    take_texts(store, manifest, Path(texts))
    refuse_foreign(store, manifest)
    if store.record.published == manifest.id:
        # Back to what is published, after a change that was begun: the engine does not ask for the next step again.
        return swap(store, manifest)
    new = [entry for entry in manifest.entries if content_places.is_free(entry.path)]
    content_places.put(store, manifest, new)
    content_releases.link_shared(manifest)
    store.save()
    content_releases.serve_first(store, manifest)
    return f"{len(new)} new files" if new else None


def publish(role: str) -> str | None:
    return publish_manifest(role, manifest_id())


def publish_manifest(role: str, wanted: str) -> str | None:
    with locked(content_store.RUN / "lock"):
        store, manifest = begin(role, wanted)
        refuse_foreign(store, manifest)
        return swap(store, manifest)


def tidy(role: str) -> str | None:
    wanted = manifest_id()
    store = Store(role)
    if gone(store, store.manifest(wanted)):
        time.sleep(GRACE_S)
    with locked(content_store.RUN / "lock"):
        store = Store(role)
        manifest = store.manifest(wanted)
        if store.record.published != wanted:
            raise Refused("its files are not published on this host: run `pulumi up` again")
        names = remove_gone(store, manifest)
        content_places.settle(store, manifest)
        store.save()
        return f"{names} files removed" if names else None


def check(role: str) -> str:
    store = Store(role)
    edited = sorted(path for path in store.record.names if not store.is_untouched(path))
    if edited:
        others = f", nor are {len(edited) - 1} more" if edited[1:] else ""
        raise Refused(f"{edited[0]} is not as it was put there{others}")
    return f"{len(store.record.names)} as they were put there"


def leave(role: str) -> None:
    """A part of `retire`, which has the host's lock."""
    store = Store(role)
    content_places.discard_leftovers(store)
    content_places.remove(store, list(store.record.names))
    content_releases.leave(store)
    store.clear_incoming()


def manifest_id() -> str:
    return sys.stdin.readline().strip()


def begin(role: str, wanted: str) -> tuple[Store, Manifest]:
    store = Store(role)
    manifest = store.manifest(wanted)
    content_places.discard_leftovers(store)
    return store, manifest


def swap(store: Store, manifest: Manifest) -> str | None:
    changed = [entry for entry in manifest.entries if not is_current(store, entry, manifest.reader)]
    content_places.put(store, manifest, sorted(changed, key=pages_last))
    release = content_releases.publish(store, manifest)
    store.record.published = manifest.id
    store.clear_incoming()
    if store.record.tidied == manifest.id:
        remove_gone(store, manifest)
    store.save()
    return release or (f"{len(changed)} files published" if changed else None)


def pages_last(entry: Entry) -> tuple[bool, str]:
    return entry.path.endswith((".html", ".htm", ".xhtml", ".php")), entry.path


def gone(store: Store, manifest: Manifest) -> list[str]:
    paths = store.record.names.keys() - {entry.path for entry in manifest.entries}
    staying = content_releases.kept(store.record, manifest)
    return [path for path in paths if content_releases.root_of(path) not in staying]


def remove_gone(store: Store, manifest: Manifest) -> int:
    paths = gone(store, manifest)
    content_places.remove(store, paths)
    content_releases.remove(store.record, content_releases.kept(store.record, manifest))
    store.record.tidied = manifest.id
    return len(paths)


def is_current(store: Store, entry: Entry, reader: str) -> bool:
    known = store.record.names.get(entry.path)
    is_placed = known and known[:2] == [entry.checksum, entry.kind] and store.is_untouched(entry.path)
    if is_placed and entry.kind != "secret":
        return True
    if not content_places.is_as_it_should(entry, reader) or checksum_of_file(entry.path) != entry.checksum:
        return False
    store.note(entry)
    return True


def take_texts(store: Store, manifest: Manifest, texts: Path) -> None:
    """Those that were in the role's text."""
    try:
        for file in texts.glob("*"):
            data = file.read_bytes()
            if not store.has(checksum(data)):
                store.incoming.mkdir(mode=0o700, exist_ok=True)
                (store.incoming / checksum(data)).write_bytes(data)
    except OSError as error:
        # Nothing else had arrived, or it had before.
        raise not_written(manifest.root, error) from error
    for entry in manifest.entries:
        if not store.has(entry.checksum) and not is_current(store, entry, manifest.reader):
            raise Refused(not_arrived(entry))


def refuse_foreign(store: Store, manifest: Manifest) -> None:
    """What somebody else has put there is not overwritten, unless it is the same."""
    own, wanted = store.record.names, {entry.path for entry in manifest.entries}
    for entry in manifest.entries:
        for path in content_places.in_the_way(entry.path):
            if path in own and (path == entry.path or path not in wanted):
                continue
            if other := others(store.role).get(path):
                raise Refused(f"{path} belongs to the role {other} of this host; nothing was changed")
            if path == entry.path and os.path.isfile(path) and checksum_of_file(path) == entry.checksum:
                continue
            raise Refused(
                f"{path} is there already, and is not evenkeel's: move it away if it may be replaced; nothing was changed"
            )


@functools.cache
def others(role: str) -> dict[str, str]:
    """Who has a file, of the other roles."""
    owners = {}
    for folder in content_store.ROLES.iterdir():
        if folder.name != role:
            files = folder / "manifest"
            for path in [*(files.read_text().splitlines() if files.exists() else []), *Store(folder.name).record.names]:
                owners[path] = folder.name
    return owners
