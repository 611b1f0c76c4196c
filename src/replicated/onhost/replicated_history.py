"""Which history a host's rows are of: the cluster's first one, or one that a restore began. It lies with the rows."""

import os
from dataclasses import replace
from pathlib import Path

from replicated_member import Member

DATA = Path("/var/lib/mysql")
# A restore lays it beside what it unpacks (backup_kinds.py), with NO_ROWS until the restored member leads.
NAME = "evenkeel-history"
# Of an empty data directory, and of one that a restore has not finished.
NO_ROWS = -1
# A person has stopped this member, for a restore; over restarts of the host, as half a restore must not be started.
HELD = Path("/var/lib/evenkeel/replicated.held")


def newest_history(members: list[Member]) -> int:
    return max(max(member.history, member.newest) for member in members)


def of_history(history: int, others: dict[str, Member | None]) -> dict[str, Member | None]:
    """Whoever has other rows can still promise, and knows who votes, but has nothing else of this cluster's: no log, no primary."""
    return {
        name: member
        if member is None or member.history == history
        else Member(
            name,
            "running",
            voters=member.voters,
            peers=member.peers,
            promised=member.promised,
            silent=float("inf"),
            history=member.history,
            newest=history,
        )
        for name, member in others.items()
    }


def begun(me: Member, now: float) -> Member:
    """A restored member with a history of its own. Its number is a time: two restores that do not know of each other are
    not taken for one. Epochs of before are gone: they begin at sequence numbers that are given anew.
    """
    return replace(me, history=max(int(now), newest_history([me]) + 1), epochs={}, formed=True, alone=True)


def history_of(rows: Path = DATA) -> int:
    try:
        return int((rows / NAME).read_text())
    except FileNotFoundError:
        return 0 if (rows / "mysql").is_dir() else NO_ROWS


def keep_history(history: int, rows: Path = DATA) -> None:
    """Changes places with the rows it is of."""
    temporary = rows / f"{NAME}.new"
    with open(temporary, "w") as file:
        file.write(str(history))
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(rows / NAME)
    directory = os.open(rows, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def hold(_: dict) -> None:
    HELD.parent.mkdir(parents=True, exist_ok=True)
    HELD.touch()


def release(_: dict) -> None:
    HELD.unlink(missing_ok=True)
