"""Whose turn it is to make a backup: told by what the members answer, not by who they were when they were set up."""

import ssl
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from backup_storage import Backup

# Whoever comes after another in turn leaves it this long to begin.
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True)
class Health:
    write: bool = False
    read: bool = False


def line(order: list[str], health: dict[str, Health]) -> list[str]:
    """The members that can make a backup, in turn: the one that takes writes comes last, the last in order first."""
    writer = next((name for name in order if health[name].write), None)
    able = [name for name in reversed(order) if health[name].read and name != writer]
    return able if writer is None else [*able, writer]


def is_due(me: str, order: list[str], health: dict[str, Health], waited: timedelta) -> bool:
    turn = line(order, health)
    return me in turn and waited >= PATIENCE * turn.index(me)


def made_for(slot: str, snapshots: list[Backup]) -> Backup | None:
    return next((each for each in snapshots if each.whole and each.tag("slot") == slot), None)


def begun_for(slot: str, me: str, snapshots: list[Backup]) -> list[Backup]:
    """What other members have streamed and not yet read back."""
    return [each for each in snapshots if not each.whole and each.tag("slot") == slot and each.member != me]


def is_missed(newest: str, due: str, since: str) -> bool:
    """Whether there is none for a slot that came after the backups were set up; times as backups are named."""
    return since <= due and newest < due


def superfluous(backups: list[Backup], keep: int) -> list[Backup]:
    """Of whole ones, all but the newest; `backups` is the oldest first."""
    whole = [backup for backup in backups if backup.whole]
    return whole[: max(len(whole) - keep, 0)]


def ask(config: dict) -> dict[str, Health]:
    """What every member answers to HAProxy's own questions; one that does not answer is of no use."""
    context = ssl.create_default_context(cafile=config["ca"])
    https = urllib.request.HTTPSHandler(context=context)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)

    def fine(name: str, path: str) -> bool:
        try:
            with opener.open(f"https://{name}:{config['healthPort']}{path}", timeout=2):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def health(name: str) -> Health:
        return Health(fine(name, "/write"), fine(name, "/read"))

    with ThreadPoolExecutor(max_workers=len(config["members"])) as pool:
        return dict(zip(config["members"], pool.map(health, config["members"]), strict=True))
