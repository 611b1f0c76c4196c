"""What a member of a replicated cluster says of itself, and what follows from it."""

from dataclasses import dataclass, field, fields, replace

from replicated_voters import NEVER_TOLD, Voters

# Of a MariaDB that does not answer, by the state of its unit.
PROCESSES = {"active": "hung", "inactive": "stopped", "failed": "stopped"}


def silent_process(unit: str, room: int) -> str:
    """What MariaDB does that does not answer. Told to stop when nothing is left of its disk, it waits for room without an end."""
    return "hung" if unit == "deactivating" and room == 0 else PROCESSES.get(unit, "starting")


@dataclass(frozen=True)
class Member:
    """What a member says of itself."""

    name: str
    # "running", "starting", "hung" (it had started, and does not answer), "stopped" or "seeding"
    process: str
    # The members on its list, and the addresses of all whom it keeps in touch with.
    members: tuple[str, ...] = ()
    peers: dict[str, str] = field(default_factory=dict)
    # Its host is one of those that the cluster began with.
    founder: bool = False
    # The newest set of voters that it was told; of a primary, whether that holds, and what it is to change there.
    voters: Voters = NEVER_TOLD
    settled: bool = False
    changing: str = ""
    # It has been told to go for good.
    leaving: bool = False
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
    # Whether it acknowledges what it receives from its next connection on.
    acknowledges: bool = True
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
    # A person has stopped it, for a restore.
    held: bool = False


def parse(state: dict | None) -> Member | None:
    """Unknown fields are a newer version's; they are left out. Who cannot be understood is not heard."""
    if state is None:
        return None
    known = {each.name for each in fields(Member)}
    try:
        found = Member(**{key: value for key, value in state.items() if key in known})
        told = {"position": tuple(found.position), "members": tuple(found.members), "voters": Voters.of(found.voters)}
        return replace(found, **told)
    except (KeyError, TypeError):
        return None


def leader_of(members: list[Member]) -> Member | None:
    """The primary of the newest epoch, if it serves."""
    leaders = [member for member in members if member.leads and member.process == "running"]
    return max(leaders, key=lambda member: member.leads, default=None)


def known_epochs(members: list[Member]) -> dict[str, list]:
    return {epoch: entry for member in members for epoch, entry in member.epochs.items()}


def latest(epochs: dict[str, list]) -> int:
    return max((int(epoch) for epoch in epochs), default=0)


def last_led(me: Member) -> int:
    return max((int(epoch) for epoch, (leader, *_) in me.epochs.items() if leader == me.name), default=0)


def age(position: tuple[int, int], epochs: dict[str, list]) -> tuple[int, int]:
    """How new a log is that ends there: the epoch of its last transaction first, as in Raft."""
    writer, sequence = position
    terms = [int(epoch) for epoch, (_, server, start) in epochs.items() if server == writer and sequence > start]
    return max(terms, default=0), sequence


def unaided(member: Member) -> bool:
    """It takes writes that nobody else has to hold: a person has permitted it."""
    return member.leads > 0 and member.voters.names == (member.name,)


def told_rows(me: Member) -> str:
    return "has none" if me.history < 0 else "has those of before a restore"
