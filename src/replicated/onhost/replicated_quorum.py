"""Who may be the primary of a replicated cluster.

A write is acknowledged when the primary and one voter hold it (semi-synchronous replication, AFTER_SYNC). A primary is
elected for an epoch by a majority of the voters: each of them first promises never to acknowledge a write of an older
epoch. So the old primary, wherever it is, can acknowledge nothing more, and the newest log among those who promised
holds every acknowledged write. Who the voters are, replicated_voters tells.

A restore begins another history, in which the same sequence numbers mean other rows: logs are compared, and votes are
given, within the newest history alone. Who has rows of an older one is a member again when it has copied the newer ones.
"""

from member_founders import NEW_HOSTS
from replicated_member import Member, age, known_epochs, latest
from replicated_voters import Voters


def quorum_problem(granted: list[Member], voters: Voters) -> str | None:
    """Why these voters, who all run, are not enough to elect one of them; None if they are."""
    # Whatever was acknowledged since the restore it has, and nobody could be elected without it.
    if any(member.alone for member in granted):
        return None
    epochs = known_epochs(granted)
    missing = [name for name in voters.names if name not in [member.name for member in granted]]
    if not epochs:
        return founding_problem(granted, missing)
    formed = [member for member in granted if member.formed]
    if not formed:
        return "no member has the cluster's data: restore a backup"
    # Who is not a full member may have lost what it had promised: then only all voters together know everything.
    if len(formed) < voters.majority and missing:
        return f"no majority of full members: {', '.join(missing)} is not there"
    latest_leader = epochs[str(latest(epochs))][0]
    complete = all(member.warm for member in formed) or latest_leader in [member.name for member in formed]
    if not complete and missing:
        return f"{', '.join(missing)} may hold acknowledged writes that the others lost when they were restarted"
    return None


def founding_problem(granted: list[Member], missing: list[str]) -> str | None:
    if missing:
        return f"a new cluster begins with all of its voters: {', '.join(missing)} is not there"
    if len({frozenset(member.members) for member in granted if member.members}) > 1:
        return "a new cluster begins when its voters have one list of members"
    return None if any(member.founder for member in granted) else NEW_HOSTS


def election_problem(granted: list[Member], voters: Voters, name: str) -> str | None:
    """Why the candidate is not elected by those who promised, itself among them; None if it is."""
    voting = [member for member in granted if member.name in voters.names]
    if name not in voters.names:
        return "it has no vote"
    problem = quorum_problem(voting, voters) if len(voting) >= voters.majority else "no majority gave its promise"
    if problem:
        return problem
    epochs = known_epochs(voting)
    full = [member for member in voting if member.formed] or voting
    eligible = {member.name: age(member.position, epochs) for member in full}
    newer = [each for each, its_age in eligible.items() if name not in eligible or its_age > eligible[name]]
    return f"{', '.join(newer)} has a newer log" if newer else None


def newest(members: list[Member], epochs: dict[str, list]) -> str:
    """Of equals it is one that stays, the first by name."""
    first_by_name = sorted(members, key=lambda member: member.name)
    return max(first_by_name, key=lambda member: (age(member.position, epochs), not member.leaving)).name


def may_promise(me: Member, leader: Member | None, epoch: int, candidate: str, patience: float, history: int = 0) -> str | None:
    """Why this voter refuses its promise to a candidate, who has rows of `history`; None if it gives it."""
    if history < max(me.history, me.newest):
        return "it knows of a later restore"
    if epoch <= me.promised:
        return f"it has promised epoch {me.promised}"
    if me.history < history:
        # Of that history it has nothing. From here on it helps nobody who has an older one.
        return None
    if me.process in ("stopped", "seeding"):
        return f"MariaDB is {me.process}"
    if me.leads:
        return None if me.process != "running" or me.yields_to == candidate else "it is the primary, and serves"
    if leader and leader.name != candidate and leader.yields_to != candidate and me.silent < patience / 2:
        return f"it saw {leader.name} serve a moment ago"
    return None
