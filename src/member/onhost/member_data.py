"""The folder that holds a member's rows."""

from pathlib import Path

from member_peers import RefusedError


def refuse_mount(data: Path) -> None:
    """It takes another name when other rows come in, from a backup or a member; a mount cannot."""
    if data.is_mount():
        what = f"{data} is a file system of its own, and a member gives that folder another name when it gets other rows"
        raise RefusedError(f"{what}: have {data.parent} on that disk, or the whole host")
