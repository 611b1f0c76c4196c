"""Who is the primary of a replicated cluster, and what each member does about it. Pure: states go in, one action comes out.

A write is acknowledged when the primary and one voter hold it (semi-synchronous replication, AFTER_SYNC). A primary is
elected for an epoch by a majority of the voters: each of them first promises never to acknowledge a write of an older
epoch. So the old primary, wherever it is, can acknowledge nothing more, and the newest log among those who promised
holds every acknowledged write.

A restore begins another history, in which the same sequence numbers mean other rows: logs are compared, and votes are
given, within the newest history alone. Who has rows of an older one is a member again when it has copied the newer ones.
"""

from dataclasses import dataclass, field

from member_room import NO_ROOM_TO_RETURN, NO_ROOM_TO_STAY

VOTERS = 3
MAJORITY = 2
# So long a former primary leaves the others to elect another one before it starts as it is.
ELECTION_SECONDS = 10


@dataclass(frozen=True)
class Member:
    """What a member says of itself."""

    name: str
    # "running", "starting", "hung" (it had started, and does not answer), "stopped" or "seeding"
    process: str
    # The highest epoch that it promised to anybody.
    promised: int = 0
    # The epoch in which it is the primary; 0 if it is not.
    leads: int = 0
    # Who led which epoch: name, server id, and the sequence number from which on. {"3": ["db-1", 2, 1204]}
    epochs: dict[str, list] = field(default_factory=dict)
    # The newest transaction that it has received: the id of the server that wrote it, its sequence number.
    position: tuple[int, int] = (0, 0)
    # It has held everything that a primary had, once.
    formed: bool = False
    # Since MariaDB was started here it has held everything that it acknowledged. A restart drops what was received but not applied.
    warm: bool = False
    # Seconds since it has seen a primary that serves.
    silent: float = 0.0
    # The primary hands its place to this member.
    yields_to: str = ""
    # Whom it replicates from, and of which epoch.
    follows: str = ""
    follows_epoch: int = 0
    # Whether the primary waits for acknowledgements, or a replica gives them.
    semisync: bool = False
    # MB that are free for its data, and whether that is too little to stay, or to come back.
    room: int = 0
    full: bool = False
    # Whether reads may go there.
    readable: bool = False
    lag: float | None = None
    io: str = ""
    sql: str = ""
    errno: int = 0
    error: str = ""
    # Where the rows are that only this member had, since it was seeded anew.
    errant: str = ""
    # When the restore was that its rows come from, in seconds since 1970; 0 before any, -1 if it has no rows.
    history: int = 0
    # The newest history that it has heard of.
    newest: int = 0
    # It began this history, and no other voter has ever had all of its rows.
    alone: bool = False
    # It takes writes that no other voter holds: a person has permitted it.
    unaided: bool = False
    # A person has stopped it, for a restore.
    held: bool = False


@dataclass(frozen=True)
class Decision:
    # "stay", "start", "start-as-replica", "campaign", "renew", "follow", "reseed", "step-down", "hand-over", "leave", "kill" or "wait"
    action: str
    reason: str
    # Of whom it is: the primary to follow.
    of: str = ""


def known_epochs(members: list[Member]) -> dict[str, list]:
    return {epoch: entry for member in members for epoch, entry in member.epochs.items()}


def age(position: tuple[int, int], epochs: dict[str, list]) -> tuple[int, int]:
    """How new a log is that ends there: the epoch of its last transaction first, as in Raft."""
    writer, sequence = position
    terms = [int(epoch) for epoch, (_, server, start) in epochs.items() if server == writer and sequence > start]
    return max(terms, default=0), sequence


def leader_of(members: list[Member]) -> Member | None:
    """The primary of the newest epoch, if it serves."""
    leaders = [member for member in members if member.leads and member.process == "running"]
    return max(leaders, key=lambda member: member.leads, default=None)


def decide(me: Member, others: dict[str, Member | None], order: list[str], patience: float, idle: float = 0.0) -> Decision:
    """`others` are those of the newest history, with None for who does not answer, `order` is the configured one with the
    voters first, and MariaDB has been stopped here for `idle` seconds."""
    answering = [me, *(member for member in others.values() if member)]
    if me.process in ("starting", "seeding"):
        return Decision("stay", f"it is {me.process}")
    if me.process == "hung":
        return decide_while_hung(me, answering, order)
    if me.history < me.newest:
        return decide_as_outdated(me, leader_of(answering[1:]))
    leader = leader_of(answering)
    if me.process == "stopped":
        return decide_to_start(me, answering, leader, order, idle)
    if me.leads:
        return decide_as_primary(me, answering, leader, order)
    if me.full and leader and not leader.yields_to:
        return decide_to_leave(me, answering, order)
    if leader and leader.yields_to == me.name and me.position == leader.position:
        return Decision("campaign", f"{leader.name} hands over")
    if leader and leader.leads >= me.promised:
        if me.follows == leader.name and me.follows_epoch == leader.leads:
            return Decision("stay", f"it follows {leader.name}")
        return Decision("follow", f"{leader.name} is the primary of epoch {leader.leads}", leader.name)
    return decide_to_campaign(me, answering, order, patience)


def decide_as_outdated(me: Member, leader: Member | None) -> Decision:
    if me.leads:
        return Decision("step-down", "the cluster was restored without this member")
    if leader:
        return Decision("reseed", f"{leader.name} has the cluster's rows, this host {told_rows(me)}")
    return Decision("wait", f"it {told_rows(me)}, and no member that has the cluster's serves")


def told_rows(me: Member) -> str:
    return "has none" if me.history < 0 else "has those of before a restore"


def decide_to_start(me: Member, answering: list[Member], leader: Member | None, order: list[str], idle: float) -> Decision:
    if me.full and leader:
        return Decision("wait", NO_ROOM_TO_RETURN)
    led = last_led(me)
    if led == 0:
        return Decision("start", "it has never been the primary")
    if leader and leader.leads > led:
        # What it wrote last and nobody acknowledged is cut off its log, so it can follow.
        return Decision("start-as-replica", f"{leader.name} has become the primary meanwhile")
    if led < latest(known_epochs(answering)):
        return Decision("start", "others have been the primary since")
    voting = [member for member in answering if member.name in voters(order)]
    electors = [member for member in voting if member.name != me.name and member.process == "running" and member.warm]
    if len(voting) < MAJORITY:
        return Decision("wait", "it was the primary and cannot know yet whether another one is: no majority answers")
    if idle < ELECTION_SECONDS and (len(electors) >= MAJORITY or len(voting) < VOTERS):
        return Decision("wait", "it was the primary: the others may elect another one first")
    return Decision("start", "it was the primary, and no other one has been elected")


def decide_as_primary(me: Member, answering: list[Member], leader: Member | None, order: list[str]) -> Decision:
    if leader and leader.leads > me.leads and leader.name != me.yields_to:
        return Decision("step-down", f"{leader.name} is the primary of epoch {leader.leads}")
    voting = [member for member in answering if member.name in voters(order)]
    challenged = max(member.promised for member in voting)
    if challenged > me.leads and not me.yields_to:
        return Decision("renew", f"an election of epoch {challenged} has ended without a primary")
    if me.full and not me.yields_to:
        heirs = [member for member in voting if member.name != me.name and may_take_over(member)]
        if heirs:
            return Decision("hand-over", NO_ROOM_TO_STAY)
        return Decision("stay", f"{NO_ROOM_TO_STAY}, and no other voter could lead")
    return Decision("stay", "it is the primary")


def may_take_over(member: Member) -> bool:
    return member.process == "running" and member.io == member.sql == "Yes" and not member.full


def decide_to_leave(me: Member, answering: list[Member], order: list[str]) -> Decision:
    if may_leave(me, answering, order):
        return Decision("leave", NO_ROOM_TO_STAY)
    return Decision("stay", f"{NO_ROOM_TO_STAY}, and too few other voters could serve")


def decide_while_hung(me: Member, answering: list[Member], order: list[str]) -> Decision:
    """MariaDB waits for room for ever, even when it is told to stop."""
    if me.full and may_leave(me, answering, order):
        return Decision("kill", f"{NO_ROOM_TO_STAY}, and MariaDB waits for room")
    return Decision("stay", "MariaDB does not answer")


def may_leave(me: Member, answering: list[Member], order: list[str]) -> bool:
    """A voter only as long as the others can acknowledge each other's writes, and elect."""
    voting = [member for member in answering if member.name in voters(order) and member.name != me.name]
    serving = [member for member in voting if member.process == "running" and not member.full]
    return me.name not in voters(order) or len(serving) >= MAJORITY


def why_not_reseed(me: Member, answering: list[Member], order: list[str]) -> str | None:
    """A voter acknowledges nothing while it copies, and the copy would wait for the writes that wait for it."""
    if me.name not in voters(order) or not me.warm:
        return None
    no_replicas = {me.name, *(each.name for each in answering if each.leads)}
    replicas = [name for name in voters(order) if name not in no_replicas]
    if any(each.name in replicas and each.process == "running" and each.warm for each in answering):
        return None
    return f"all writes would wait while it copies, as {' and '.join(replicas)} acknowledges none: bring that back first"


def decide_to_campaign(me: Member, answering: list[Member], order: list[str], patience: float) -> Decision:
    if me.name not in voters(order):
        return Decision("wait", "there is no primary; this member has no vote")
    voting = [member for member in answering if member.name in voters(order) and member.process == "running"]
    hearing = [member.name for member in voting if member.silent < patience]
    if hearing:
        return Decision("wait", f"{', '.join(hearing)} saw a primary a moment ago")
    why_not = quorum_problem(voting, order)
    if why_not:
        return Decision("wait", why_not)
    epochs = known_epochs(answering)
    eligible = [member for member in voting if member.formed] or voting
    best = newest(eligible, epochs, order)
    if best != me.name:
        return Decision("wait", f"{best} has the newest log")
    return Decision("campaign", "there is no primary, and its log is the newest")


def newest(members: list[Member], epochs: dict[str, list], order: list[str]) -> str:
    return max(members, key=lambda member: (age(member.position, epochs), -order.index(member.name))).name


def election_problem(granted: list[Member], order: list[str], name: str) -> str | None:
    """Why the candidate is not elected by those who promised, itself among them; None if it is."""
    problem = quorum_problem(granted, order) if len(granted) >= MAJORITY else "no majority gave its promise"
    if problem:
        return problem
    epochs = known_epochs(granted)
    full = [member for member in granted if member.formed] or granted
    eligible = {member.name: age(member.position, epochs) for member in full}
    newer = [each for each, its_age in eligible.items() if name not in eligible or its_age > eligible[name]]
    return f"{', '.join(newer)} has a newer log" if newer else None


def may_promise(
    me: Member, leader: Member | None, epoch: int, candidate: str, patience: float, history: int = 0
) -> str | None:
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


def voters(order: list[str]) -> list[str]:
    return order[:VOTERS]


def latest(epochs: dict[str, list]) -> int:
    return max((int(epoch) for epoch in epochs), default=0)


def last_led(me: Member) -> int:
    return max((int(epoch) for epoch, (leader, *_) in me.epochs.items() if leader == me.name), default=0)


def quorum_problem(granted: list[Member], order: list[str]) -> str | None:
    """Why these voters, who all run, are not enough to elect one of them; None if they are."""
    # Whatever was acknowledged since the restore it has, and nobody could be elected without it.
    if any(member.alone for member in granted):
        return None
    epochs = known_epochs(granted)
    missing = [name for name in voters(order) if name not in [member.name for member in granted]]
    if not epochs:
        return f"a new cluster begins with all of its voters: {', '.join(missing)} is not there" if missing else None
    formed = [member for member in granted if member.formed]
    if not formed:
        return "no member has the cluster's data: restore a backup"
    # Who is not a full member may have lost what it had promised: then only all voters together know everything.
    if len(formed) < MAJORITY and missing:
        return f"no majority of full members: {', '.join(missing)} is not there"
    latest_leader = epochs[str(latest(epochs))][0]
    complete = all(member.warm for member in formed) or latest_leader in [member.name for member in formed]
    if not complete and missing:
        return f"{', '.join(missing)} may hold acknowledged writes that the others lost when they were restarted"
    return None
