"""This host's own brick: a folder in which GlusterFS has its copy of the tree."""

import os
import struct
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from sync_gluster import GlusterError, Volume
from sync_volume import wanted

GLUSTERD = Path("/var/lib/glusterd")
VOLUME_ID = "trusted.glusterfs.volume-id"
GFID = "trusted.gfid"
DIRTY = "trusted.afr.dirty"
LOG = "/var/log/glusterfs/evenkeel-adopt.log"
# By what number GlusterFS knows who adds bricks: it takes such things from nobody else.
ADDER = -12
ADOPT_SECONDS = 20


def own_brick(config: dict) -> Path:
    return Path(next(brick.path for brick in wanted(config) if brick.host == config["host"]))


def brick_state(config: dict, volume: Volume | None) -> str:
    path = own_brick(config)
    listed = volume is not None and any(brick.path == str(path) for brick in volume.bricks if brick.host == config["host"])
    if listed and not (attribute(path, GFID) and attribute(path, VOLUME_ID) == uuid.UUID(volume.id).bytes):
        return "new"
    return "runs" if runs(config) else "down"


def adopt(config: dict, volume: Volume) -> None:
    """An empty brick of a volume that has files, such as on a host that was made anew.

    Merely started it would be believed: its hosts would see an empty tree. The others are told first that it lacks everything,
    as glusterd does for bricks that it adds itself; `reset-brick` would, too, but what fails in it takes the brick out of the
    volume's records.
    """
    path, name = own_brick(config), config["name"]
    record = GLUSTERD / "vols" / name / "bricks" / f"{config['host']}:{str(path).replace('/', '-')}"
    identity = next(line.removeprefix("brick-id=") for line in record.read_text().splitlines() if line.startswith("brick-id="))
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        words = [f"--volfile-server={config['host']}", f"--volfile-id={name}", f"--client-pid={ADDER}", f"--log-file={LOG}", folder]
        subprocess.run(["glusterfs", *words], check=True)
        try:
            # It answers as soon as enough of the others do.
            deadline = time.monotonic() + ADOPT_SECONDS
            while not tell(folder, identity):
                if time.monotonic() > deadline:
                    raise GlusterError("not enough bricks of the others run")
                time.sleep(0.5)
        finally:
            subprocess.run(["umount", folder], check=True)
    for folder in (path / ".glusterfs", path / ".glusterfs/indices"):
        folder.mkdir(mode=0o600, exist_ok=True)
    os.setxattr(path, DIRTY, struct.pack(">3I", 0, 0, 1))
    os.setxattr(path, VOLUME_ID, uuid.UUID(volume.id).bytes)


def tell(folder: str, identity: str) -> bool:
    try:
        os.setxattr(folder, "trusted.replace-brick", identity.encode())
    except OSError:
        return False
    return True


def clear_former(config: dict, volume: Volume | None) -> None:
    """What is left of a brick that the volume does not have (any more) would keep it from having one here again."""
    path = own_brick(config)
    listed = volume is not None and any(brick.host == config["host"] for brick in volume.bricks)
    if not listed and attribute(path, GFID):
        path.rename(path.with_name(f"{path.name}.former-{time.time_ns()}"))
        path.mkdir(mode=0o755)


def last_copy(config: dict) -> Path:
    """Of a host that the others have let go already, what it had until then."""
    path = own_brick(config)
    formers = sorted(path.parent.glob(f"{path.name}.former-*"))
    return formers[-1] if formers and not attribute(path, GFID) else path


def attribute(path: Path, name: str) -> bytes | None:
    try:
        return os.getxattr(path, name)
    except OSError:
        return None


def pid_file(config: dict) -> Path:
    path = str(own_brick(config)).lstrip("/").replace("/", "-")
    return Path(f"/run/gluster/vols/{config['name']}/{config['host']}-{path}.pid")


def runs(config: dict) -> bool:
    try:
        return "glusterfsd" in Path(f"/proc/{int(pid_file(config).read_text())}/cmdline").read_text()
    except (OSError, ValueError):
        return False
