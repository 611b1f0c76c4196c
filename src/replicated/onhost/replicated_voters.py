"""Who votes in a replicated cluster: not what a list of hosts says, but state of the cluster.

Every member keeps the newest set of voters that it was told. The primary changes it by one voter at a time, so that every
majority of the set before and every majority of the set after have a voter in common, as Raft changes its servers. A set
is ordered by the epoch of the primary that made it, and its number within that epoch. A primary begins with the newest
set that a majority knew when it was elected, as the first one of its own epoch, and takes no write before a majority
holds it. A set holds, and the next change begins, when a majority of it and of the one before have it on disk.

An acknowledged write is on two voters, the primary and one more. Of up to four voters every majority has one of any two;
so what was acknowledged by a voter that goes must be on another one that stays, before the change is proposed, and until
it holds only who is in both sets acknowledges.
"""

from __future__ import annotations

from dataclasses import dataclass

# So many vote where there are as many; one more does while one takes another one's place.
VOTERS = 3


@dataclass(frozen=True)
class Voters:
    """A set of voters; without names, of somebody who has never been told any."""

    names: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    epoch: int = 0
    version: int = 0

    @staticmethod
    def of(said: dict | Voters) -> Voters:
        if isinstance(said, Voters):
            return said
        names, before = tuple(said["names"]), tuple(said["before"])
        return Voters(names, before, said["epoch"], said["version"])

    @property
    def age(self) -> tuple[int, int]:
        return self.epoch, self.version

    @property
    def majority(self) -> int:
        return majority(self.names)

    def begun_by(self, epoch: int) -> Voters:
        """The same, as a new primary's first one."""
        return Voters(self.names, self.names, epoch, 0)

    def changed(self, names: tuple[str, ...]) -> Voters:
        return Voters(names, self.names, self.epoch, self.version + 1)

    def acknowledging(self, holds: bool) -> set[str]:
        """Whose word counts that it has a write."""
        return set(self.names) if holds else set(self.names) & set(self.before)


NEVER_TOLD = Voters()


def majority(names: tuple[str, ...]) -> int:
    return len(names) // 2 + 1
