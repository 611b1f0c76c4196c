"""How the tree is: on how many hosts, and whether each has all of it."""

import contextlib
import grp
import os
import sys
import time

import sync_gluster
import sync_mount
from sync_gluster import GlusterError, Heal

# So long nothing may happen while a host gets its first copy.
PATIENCE_SECONDS = 180
# It was looked at so many times, and nothing was missing.
SURE = 4
# Of a status, which is asked for by people.
STATUS_SECONDS = 6
FEW = 100


def look(config: dict, patience: float = 60) -> Heal:
    try:
        return sync_gluster.heal(config["name"], patience)
    except GlusterError:
        return Heal({}, 0)


def status(config: dict) -> None:
    """The line of `npx evenkeel status`."""
    try:
        found = sync_gluster.heal(config["name"], STATUS_SECONDS)
        # Of many it takes too long to ask.
        split = sync_gluster.split(config["name"], STATUS_SECONDS) if 0 < found.waiting <= FEW else 0
    except GlusterError as error:
        sys.exit(f"not well: {error}")
    line, is_well = words(found, split)
    problem = mount_problem(config)
    print(f"{line}, {problem}" if problem else line)
    if problem or not is_well:
        sys.exit(1)


def words(found: Heal, split: int = 0) -> tuple[str, bool]:
    up, count = sum(found.connected.values()), len(found.connected)
    parts = [f"{up} of {count} bricks"]
    waiting = found.waiting - split
    if waiting:
        parts.append(f"{waiting} {'entry waits' if waiting == 1 else 'entries wait'} to be healed")
    if split:
        parts.append(f"{split} in split brain: see gluster volume heal")
    return ", ".join(parts), 0 < up == count and not found.waiting


def mount_problem(config: dict) -> str | None:
    path, group = config["path"], config["group"]
    if config["host"] not in config["hosts"]:
        return None
    if not sync_mount.is_there(path):
        return f"{path} does not answer" if sync_mount.is_mounted(path) else f"{path} is not mounted"
    own, in_tree = grp.getgrnam(group).gr_gid, os.stat(path).st_gid
    if own != in_tree:
        return f"{group} has the number {own} here and {in_tree} in the tree"
    return None


def wait(config: dict) -> None:
    """Until this host has all of the tree."""
    former, since, wholes = None, time.monotonic(), 0
    while wholes < SURE:
        state = progress(config)
        # Folder by folder it is known what is missing.
        wholes = wholes + 1 if state == "whole" else 0
        if wholes or state != former:
            former, since = state, time.monotonic()
        elif time.monotonic() - since > PATIENCE_SECONDS:
            sys.exit(f"{config['path']} is not whole on {config['host']}: {state}, and nothing has happened for {PATIENCE_SECONDS} s")
        time.sleep(1)


def progress(config: dict) -> str:
    host = config["host"]
    try:
        volume = sync_gluster.volume(config["name"])
        if volume is None or not volume.started:
            return "the hosts have not come together yet"
        if host not in {brick.host for brick in volume.bricks}:
            return "the others have not taken it in yet"
        found = sync_gluster.heal(config["name"])
    except GlusterError as error:
        return str(error)
    if not found.connected.get(host):
        return "its brick does not run"
    if host in config["hosts"] and not sync_mount.is_there(config["path"]):
        return "it is not mounted"
    if sync_mount.before(config).exists():
        return "its files are being taken over"
    if found.waiting == 0:
        return "whole"
    # The next folder's turn comes by itself, too, but later.
    with contextlib.suppress(GlusterError):
        sync_gluster.gluster("volume", "heal", config["name"])
    return f"{found.waiting} entries are to come"


def spare(config: dict) -> None:
    """Until this host can go for a while: what it has the others have, too, and enough of them are up."""
    deadline, said = time.monotonic() + PATIENCE_SECONDS, ""
    while time.monotonic() < deadline:
        said, is_well = words(look(config))
        if is_well:
            return
        time.sleep(1)
    sys.exit(f"the shared folder {config['name']} would stop on all hosts: {said}")
