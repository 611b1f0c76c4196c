"""Whose rows this host holds: it belongs to one cluster, and is one server of it, until it leaves."""

from pathlib import Path

from member_data import refuse_mount
from member_peers import RefusedError
from replicated_history import DATA
from replicated_state import CLAIM, is_pristine

SERVER_ID = Path("/var/lib/evenkeel/replicated.server-id")


def claim(config: dict) -> None:
    if not CLAIM.exists():
        refuse_mount(DATA)
        if not is_pristine():
            raise RefusedError("/var/lib/mysql holds a database, which joining would overwrite: move it away first")
        CLAIM.parent.mkdir(parents=True, exist_ok=True)
        CLAIM.write_text(f"{config['cluster']}\n")
    owner = CLAIM.read_text().strip()
    if owner != config["cluster"]:
        raise RefusedError(f"this host belongs to the cluster {owner}: its data is not touched")
    keep_server_id(config)


def keep_server_id(config: dict) -> None:
    """Its rows are known by it: with another one, MariaDB would take its own writes for somebody's."""
    kept, wanted = (SERVER_ID.read_text().strip() if SERVER_ID.exists() else "", str(config["serverId"]))
    if kept not in ("", wanted):
        raise RefusedError(
            f"this host is the cluster's server {kept}, and would be {wanted} by the name {config['name']}: a member keeps its"
            " name; under another one the host joins when it has left, so take it out of the program first"
        )
    SERVER_ID.write_text(f"{wanted}\n")
