"""How a host stops having the tree. Its files are where they were, in the folder, as ordinary files.

That is what people expect of a folder that is no longer shared, and what the other modes do: nothing is lost however a host
leaves, and the last one needs nobody. From the brick they are moved and not copied where both are on one disk, so that it takes
no room. The others need not be asked: those that stay have settings without this host by now, and count its brick out once it
is gone (sync_volume.py); if none stays, none is missed.
"""

import os
import subprocess
import time
from pathlib import Path

import sync_brick
import sync_mount
import sync_pool
import sync_whole

ASIDE = Path("/var/backups/evenkeel")
# What the others have and this host has not yet may still come.
WAIT_SECONDS = 60


def leave(config: dict) -> None:
    await_whole(config)
    name, path = config["name"], Path(config["path"])
    units = [f"evenkeel-sync-{name}-mount", f"evenkeel-sync-{name}", "glusterd"]
    subprocess.run(["systemctl", "--quiet", "disable", "--now", *units], check=False)
    sync_mount.unmount(path)
    sync_mount.protect(path, False)
    brick = sync_brick.last_copy(config)
    if config["host"] in config["hosts"] and brick.is_dir():
        try:
            give_back(brick, path)
        except (OSError, subprocess.SubprocessError) as error:
            lay_aside(brick, name)
            print(f"its files could not be put into {path}: {error}; they are in {ASIDE}")
    sync_pool.forget(config)


def await_whole(config: dict) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        look = sync_whole.look(config)
        if look.waiting == 0 or not any(is_up for host, is_up in look.connected.items() if host != config["host"]):
            return
        time.sleep(1)


def give_back(brick: Path, path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    # Links to all files, by which GlusterFS finds them, and a folder that clients do not see.
    subprocess.run(["rm", "-rf", *map(str, brick.glob(".glusterfs*"))], check=True)
    strip(brick)
    found = brick.stat()
    os.chown(path, found.st_uid, found.st_gid)
    path.chmod(found.st_mode & 0o7777)
    for entry in brick.iterdir():
        # To another disk if need be, with owners, times and links.
        done = subprocess.run(["mv", "--no-target-directory", str(entry), str(path / entry.name)], check=False)
        if done.returncode != 0:
            raise OSError(f"{entry.name} could not be moved")
    brick.rmdir()


def strip(brick: Path) -> None:
    """Of GlusterFS's own attributes, so that they are ordinary files."""
    for folder, folders, files in os.walk(os.fsencode(brick)):
        for path in [folder, *(os.path.join(folder, name) for name in [*folders, *files])]:
            for name in os.listxattr(path, follow_symlinks=False):
                if name.startswith("trusted."):
                    os.removexattr(path, name, follow_symlinks=False)


def lay_aside(brick: Path, name: str) -> None:
    ASIDE.mkdir(mode=0o700, parents=True, exist_ok=True)
    to = ASIDE / f"{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    subprocess.run(["mv", str(brick), str(to)], check=True)
