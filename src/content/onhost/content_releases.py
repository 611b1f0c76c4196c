"""Releases: each a tree of its own, of which `current` is the one that is served.

BASE/releases/ID   never changes once it is there
BASE/current       a link to one of them, swapped by a rename
BASE/shared        what applications write; each release has links to it
"""

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import content_places
import content_store
from content_store import Manifest, Record, Refused, Store, locked

RELEASES = "/releases/"
# Where a release tells its own path: Apache cannot see where a link leads (web/apacheRules.ts). Hidden, so that nobody is served it.
ITSELF = ".evenkeel-release"


def base_of(root: str) -> str:
    return root.rsplit(RELEASES, 1)[0]


def name_of(root: str) -> str:
    return os.path.basename(root)


def current(base: str) -> str | None:
    """The root of the one that is served."""
    try:
        return os.path.join(base, os.readlink(f"{base}/current"))
    except OSError:
        return None


def link_shared(manifest: Manifest) -> None:
    for path in manifest.links:
        shared, link = f"{base_of(manifest.root)}/shared/{path}", f"{manifest.root}/{path}"
        content_places.make_folders(shared, [])
        content_places.make_folders(os.path.dirname(link), [])
        if not os.path.islink(link):
            os.symlink(shared, link)


def publish(store: Store, manifest: Manifest) -> str | None:
    """When a manifest was published before, whatever somebody has switched to since stays."""
    if manifest.keep is None:
        return None
    link_shared(manifest)
    if store.record.published == manifest.id and current(base_of(manifest.root)):
        return None
    serve(store, manifest)
    return f"release {name_of(manifest.root)}"


def tell_itself(root: str) -> None:
    if os.path.isfile(f"{root}/{ITSELF}"):
        return
    new = Path(f"{root}/{ITSELF}.new")
    new.write_text(root)
    new.chmod(0o644)
    new.rename(f"{root}/{ITSELF}")


def serve_first(store: Store, manifest: Manifest) -> None:
    """Where none is served nobody is disturbed: the role that serves it may be there before the next step."""
    if manifest.keep is not None and not current(base_of(manifest.root)):
        serve(store, manifest)
        store.save()


def serve(store: Store, manifest: Manifest) -> None:
    former = current(base_of(manifest.root))
    switch(manifest.root)
    others = [root for root in store.record.releases if root != manifest.root]
    # The way back leads to the one that was served, and not to one that somebody had rolled back from.
    store.record.releases = [*sorted(others, key=lambda root: root == former), manifest.root]


def switch(root: str) -> None:
    link, new = f"{base_of(root)}/current", f"{base_of(root)}/.current.new"
    if os.path.lexists(link) and not os.path.islink(link):
        raise Refused(f"{link} is there already, and is not evenkeel's: move it away; nothing was changed")
    tell_itself(root)
    Path(new).unlink(missing_ok=True)
    os.symlink(f"releases/{name_of(root)}", new)
    os.replace(new, link)


def kept(record: Record, manifest: Manifest) -> set[str]:
    """The newest ones, and whichever is served."""
    if manifest.keep is None:
        return set()
    served = current(base_of(manifest.root))
    return {*record.releases[-manifest.keep :], manifest.root, *([served] if served else [])}


def root_of(path: str) -> str | None:
    base, found, below = path.partition(RELEASES)
    return f"{base}{RELEASES}{below.split('/', 1)[0]}" if found else None


def remove(record: Record, staying: set[str]) -> None:
    """What is left of the others: links and folders."""
    bases = {base_of(root) for root in record.releases}
    for root in record.releases:
        if root not in staying:
            shutil.rmtree(root, ignore_errors=True)
    record.releases = [root for root in record.releases if root in staying]
    for base in bases - {base_of(root) for root in record.releases}:
        with contextlib.suppress(OSError):
            os.unlink(f"{base}/current")
        for folder in (f"{base}/releases", base):
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def releases(role: str) -> None:
    """For the command line: all of them, the one that was published first at the beginning."""
    record = Store(role).record
    print(json.dumps({"current": served_name(record), "releases": [name_of(root) for root in record.releases]}))


def served_name(record: Record) -> str | None:
    served = current(base_of(record.releases[-1])) if record.releases else None
    return name_of(served) if served else None


def tell(role: str) -> None:
    """The line of `npx evenkeel status`."""
    record = Store(role).record
    now = served_name(record)
    if now is None:
        raise Refused("none is served")
    others = [name_of(root) for root in reversed(record.releases) if name_of(root) != now]
    behind = f", rolled back from {others[0]}" if others and name_of(record.releases[-1]) != now else ""
    print(f"{now}{behind}" + (f"; kept: {', '.join(others)}" if others else ""))


def rollback(role: str, wanted: str) -> str:
    """Serves another release, or the former one again when the host is not well with it."""
    with locked(content_store.RUN / "lock"):
        record = Store(role).record
        root = next((each for each in record.releases if name_of(each) == wanted), None)
        if root is None or not os.path.isdir(root):
            raise Refused(f"there is no release {wanted} on this host")
        former = current(base_of(root))
        if former == root:
            return f"has the release {wanted} already"
        switch(root)
        if problem := illness(role):
            if former:
                switch(former)
            raise Refused(f"not well with the release {wanted}, so the former one is back: {problem}")
        return f"release {wanted}" + (f", before {name_of(former)}" if former else "")


# Of the component's other role; a line is a word of what it is about, and a command.
HEALTH = 'eval "words=($1)"; exec timeout 10 "${words[@]:1}"'


def illness(role: str) -> str | None:
    path = content_store.ROLES / f"{role.removesuffix('-content')}-web" / "health"
    for line in path.read_text().splitlines() if path.exists() else []:
        done = subprocess.run(["bash", "-c", HEALTH, "health", line], capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr or done.stdout).strip() or f"{line.split()[0]} fails"
    return None


def leave(store: Store) -> None:
    remove(store.record, set())

