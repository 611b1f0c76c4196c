"""The folder itself: what lies below it before it is mounted, the client that mounts it, and whose it is."""

import grp
import os
import shutil
import subprocess
import time
from pathlib import Path

import sync_gluster
from sync_gluster import GlusterError
from sync_volume import STATES, members

LOG = "/var/log/glusterfs/evenkeel-{}.log"
# The kernel's cache of contents is not told what other hosts write: with it (GlusterFS's default) a file that was read once is
# read as it was for as long as it is cached, and of updates under a lock two of three are lost. Names and sizes are at most a
# second old.
OPTIONS = ["--direct-io-mode=enable", "--attribute-timeout=1", "--entry-timeout=1", "--lru-limit=16384"]


def client(config: dict) -> list[str]:
    """This host's glusterd knows the volume without the others; they do when it is not up."""
    servers = [config["host"], *(host for host in members(config) if host != config["host"])]
    return [
        "/usr/sbin/glusterfs",
        "--no-daemon",
        "--process-name=fuse",
        *(f"--volfile-server={host}" for host in servers),
        f"--volfile-id={config['name']}",
        f"--log-file={LOG.format(config['name'])}",
        "--log-level=WARNING",
        *OPTIONS,
        config["path"],
    ]


def is_mounted(path: str) -> bool:
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        return any(line.split()[1:3] == [path, "fuse.glusterfs"] for line in mounts)


def is_there(path: str) -> bool:
    """Whether it answers, too: after a client that was killed the mount stays, and every access fails."""
    done = subprocess.run(["timeout", "5", "stat", "--format=", path], capture_output=True, check=False)
    return is_mounted(path) and done.returncode == 0


def mount(config: dict) -> None:
    """Becomes the client, as soon as there is something to mount."""
    path = Path(config["path"])
    unmount(path)
    while not has_volume(config["name"]):
        time.sleep(2)
    make_mount_point(config, path)
    os.execv("/usr/sbin/glusterfs", client(config))


def has_volume(name: str) -> bool:
    try:
        volume = sync_gluster.volume(name)
    except GlusterError:
        return False
    return volume is not None and volume.started


def unmount(path: Path) -> None:
    while is_mounted(str(path)):
        subprocess.run(["umount", "--lazy", str(path)], check=False)


def before(config: dict) -> Path:
    return Path(f"{config['path']}.before-{config['name']}")


def make_mount_point(config: dict, path: Path) -> None:
    """Nobody writes below the mount: what is there from before waits beside it until it has been taken over."""
    began = Path(STATES) / config["name"] / "began"
    path.mkdir(parents=True, exist_ok=True)
    protect(path, False)
    if not began.exists():
        if any(path.iterdir()) and not before(config).exists():
            path.rename(before(config))
            path.mkdir()
        began.touch()
    os.chown(path, 0, 0)
    path.chmod(0)
    protect(path, True)


def protect(path: Path, on: bool) -> None:
    """From root, too, where that can be."""
    subprocess.run(["chattr", "+i" if on else "-i", str(path)], capture_output=True, check=False)


def take_over(config: dict) -> None:
    """Files that this host had before become the tree's."""
    aside, path = before(config), config["path"]
    if not aside.exists():
        return
    subprocess.run(["cp", "--archive", "--no-target-directory", str(aside), path], check=True)
    give_to_group(path, config["group"])
    shutil.rmtree(aside)


def give_to_group(path: str, group: str) -> None:
    gid = str(grp.getgrnam(group).gr_gid)
    subprocess.run(["chgrp", "--no-dereference", "--recursive", gid, path], check=True)
    subprocess.run(["chmod", "--recursive", "g+rwX", path], check=True)
    subprocess.run(["find", path, "-type", "d", "-exec", "chmod", "g+s", "{}", "+"], check=True)


def belongs_to(path: str, group: str) -> bool:
    found = os.stat(path)
    return found.st_gid == grp.getgrnam(group).gr_gid and found.st_mode & 0o2070 == 0o2070


def give_root(path: str, group: str) -> None:
    os.chown(path, -1, grp.getgrnam(group).gr_gid)
    os.chmod(path, 0o2775)
