"""How a host comes into the pool: by files that are there before its glusterd starts.

Each host's id follows from its name, so every host knows all of them beforehand. Nobody has to be asked in, in whatever order
hosts start, and a host that was made anew is the one that it was: its glusterd learns from the others what it has missed.
"""

import contextlib
import shutil
import uuid
from pathlib import Path

from sync_brick import GLUSTERD, own_brick
from sync_volume import STATES, members

# Of GlusterFS 10, in which pools speak it; written with an id, as one without is taken for a very old glusterd's.
OPERATING_VERSION = 100000
NAMESPACE = uuid.UUID("6f1d3c52-9a57-5c57-8f0e-6a3f5e0b7d11")


def host_id(sync: str, host: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{sync}/{host}"))


def state_of(config: dict) -> Path:
    return Path(STATES) / config["name"]


def claim(config: dict) -> None:
    """Refuses a host that has a pool of its own already, or files that the tree would hide."""
    others = [path.name for path in GLUSTERD.glob("vols/*") if path.name != config["name"]]
    if others:
        raise SystemExit(f"this host has the GlusterFS volume {others[0]} already, and can be in one pool only: take another host")
    if any(GLUSTERD.glob("peers/*")) and own_id() != host_id(config["name"], config["host"]):
        raise SystemExit("this host is in a pool of GlusterFS already, and can be in one only: take another host")
    path = Path(config["path"])
    if state_of(config).exists() or config["host"] not in config["hosts"] or not path.is_dir():
        return
    if path.is_mount():
        raise SystemExit(f"{path} is a mount point: give a folder in it, or another one")
    first = config["hosts"][0]
    if config["host"] != first and any(path.iterdir()):
        raise SystemExit(f"{path} has files already, and only those of {first} become the shared ones: move them away")


def own_id() -> str | None:
    info = GLUSTERD / "glusterd.info"
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.removeprefix("UUID=") for line in lines if line.startswith("UUID=")), None)


def prepare(config: dict) -> None:
    """Before glusterd starts: it is encrypted, has an id, and knows whoever else is in the pool."""
    (GLUSTERD / "peers").mkdir(parents=True, exist_ok=True)
    (GLUSTERD / "secure-access").touch()
    # Before glusterd learns of the volume: a brick whose folder comes later is nobody's to it.
    own_brick(config).mkdir(mode=0o755, parents=True, exist_ok=True)
    forget_half(config["name"])
    own = host_id(config["name"], config["host"])
    if own_id() == own:
        return
    for host in members(config):
        if host != config["host"]:
            peer = host_id(config["name"], host)
            # 3: it has been befriended.
            write(GLUSTERD / "peers" / peer, f"uuid={peer}\nstate=3\nhostname1={host}\n")
    write(GLUSTERD / "glusterd.info", f"UUID={own}\noperating-version={OPERATING_VERSION}\n")


def forget_half(name: str) -> None:
    """With records that were cut off glusterd does not start; the others have them whole."""
    info = GLUSTERD / "vols" / name / "info"
    lines = info.read_text().splitlines() if info.exists() else []
    bricks = [line.split("=", 1)[1] for line in lines if line.startswith("brick-")]
    if not bricks or not all((info.parent / "bricks" / brick).exists() for brick in bricks):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(info.parent)


def forget(config: dict) -> None:
    """As the package has made it, but for what this host no longer knows of anybody."""
    for path in GLUSTERD.iterdir():
        if path.name in ("groups", "hooks"):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(state_of(config), ignore_errors=True)


def write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_text(text)
    new.chmod(0o600)
    new.rename(path)
