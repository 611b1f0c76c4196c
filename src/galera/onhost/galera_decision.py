"""Which member of a Galera cluster starts, and how. Pure: what the members say goes in, one action comes out."""

from dataclasses import dataclass, field

from member_founders import NEW_HOSTS
from member_room import NO_ROOM_TO_RETURN, NO_ROOM_TO_STAY

NO_CLUSTER = "00000000-0000-0000-0000-000000000000"
NO_POSITION = -1
# Of Galera's local states, those of a member that can serve.
DONOR, SYNCED = 2, 4
STATES = ("undefined", "joining", "donor", "joined", "synced", "error")
# Seconds. Whoever it wanted to join may have ended meanwhile, and MariaDB waits for them for ever.
JOIN_PATIENCE = 3.0


@dataclass(frozen=True)
class Member:
    """What a member says of itself."""

    name: str
    # "running", "starting" or "stopped"
    process: str
    # Addresses of all whom it keeps in touch with.
    peers: dict[str, str] = field(default_factory=dict)
    # Its host is one of those that the cluster began with.
    founder: bool = False
    # Whether it is in a component that has a quorum.
    primary: bool = False
    # Galera has given up its connection to the others; only a start of MariaDB opens another one.
    closed: bool = False
    # Galera's local state.
    state: int = 0
    uuid: str = NO_CLUSTER
    # Of the last write that its disk holds (stopped) or that it has committed (running).
    seqno: int = NO_POSITION
    # It was the last to leave a cluster that was shut down in good order.
    safe: bool = False
    # It has never been in a cluster, and holds no data of anybody.
    fresh: bool = False
    # It holds what every new member does, and no row of anybody: its uuid tells what that is.
    seeded: bool = False
    # It was fresh when it was made a member: what it holds came from this cluster.
    claimed: bool = False
    # For how many seconds it has been starting, to join others.
    joining: float = 0.0
    # A state transfer to it was cut off: what lies in its data directory is not a database.
    transfer: bool = False
    draining: bool = False
    # Its settings are in place; before, it starts for nobody.
    configured: bool = True
    # Addresses of the members that it is in one component with, itself included.
    view: tuple[str, ...] = ()
    address: str = ""
    # Whether that component counts an arbitrator, who votes and holds no rows.
    arbitrated: bool = False
    # Megabytes that are left for its data, and whether that is too little.
    room: int = 0
    full: bool = False
    # What somebody should do something about.
    alert: str = ""
    # What it says is old: MariaDB hangs.
    stale: bool = False
    # Who takes the writes, as its rows have it.
    writer: str = ""
    # Of the MariaDB that runs, or that would start, such as "10.11.19".
    version: str = ""
    # Writes of others that wait to be applied here.
    queue: int = 0


@dataclass(frozen=True)
class Decision:
    # "stay", "leave", "join", "copy" (join, with nothing of what is there), "give-up" (MariaDB will never serve), "bootstrap" (a
    # stopped member begins the cluster), "promote" (a running one does), "wait", or "refuse": waiting does not help, somebody has to do something
    action: str
    reason: str


def decide(me: Member, others: dict[str, Member | None], order: list[str], allow_majority: bool) -> Decision:
    """`others` has None for who does not answer; `order` are the configured members. Who is none any more counts as long
    as it answers, and is not waited for."""
    if me.process == "starting":
        return decide_to_give_up(me, others)
    if me.process == "running" and me.primary:
        return decide_to_leave(me, others) if me.full else Decision("stay", "it is in the primary component")
    if me.closed:
        # Told to stop, it would not end.
        return Decision("give-up", "Galera has closed its connection to the others")
    primaries = [member for member in others.values() if member and member.process == "running" and member.primary]
    if primaries:
        return decide_to_join(me, primaries[0])
    return decide_after_outage(me, others, order, allow_majority)


def decide_to_give_up(me: Member, others: dict[str, Member | None]) -> Decision:
    """Only a member that has stopped tells what it holds, and may begin the cluster."""
    awaited = [name for name, member in others.items() if not member or may_be_joined(member)]
    if awaited or me.joining < JOIN_PATIENCE or me.transfer:
        return Decision("stay", "it is starting")
    return Decision("give-up", "whom it wanted to join is not there any more")


def may_be_joined(member: Member) -> bool:
    """One that runs may be in the middle of a change of its component: a joiner that is killed then costs its quorum."""
    return member.process == "running" or (member.process == "starting" and not member.joining)


def problem_of(member: Member | None) -> str:
    """Why it is not well, and takes no writes."""
    if member is None:
        return "does not answer"
    if member.stale:
        return "MariaDB does not answer"
    if member.process != "running":
        return f"MariaDB is {member.process}"
    if not member.primary:
        return "not in the primary component"
    # A donor serves on: mariabackup does not block.
    return "" if member.state in (DONOR, SYNCED) else f"not synced ({STATES[member.state]})"


def writer_of(members: dict[str, Member | None]) -> str | None:
    """Who says of itself that it is, and is well: that is whom HAProxy takes."""
    return next((name for name, member in members.items() if not problem_of(member) and member.writer == name), None)


def is_synced(member: Member) -> bool:
    return member.process == "running" and member.primary and member.state == SYNCED


def decide_to_leave(me: Member, others: dict[str, Member | None]) -> Decision:
    """A member that cannot write a row that the others have written is thrown out, and needs a whole copy to return."""
    if any(member and is_synced(member) and not member.full for member in others.values()):
        return Decision("leave", NO_ROOM_TO_STAY)
    return Decision("stay", f"{NO_ROOM_TO_STAY}, and no other member could serve")


def decide_to_join(me: Member, primary: Member) -> Decision:
    if me.process == "running":
        return Decision("stay", f"{primary.name} is in the primary component; it is found again by itself")
    if me.uuid not in (NO_CLUSTER, primary.uuid) and not me.seeded:
        return Decision("refuse", f"this host holds data of cluster {me.uuid}, but {primary.name} is of {primary.uuid}")
    if me.uuid == NO_CLUSTER and not (me.fresh or me.claimed):
        return Decision("refuse", "this host holds data that is of no cluster; joining would overwrite it")
    if me.full:
        return Decision("refuse", NO_ROOM_TO_RETURN)
    if me.version and primary.version and series(me.version) != series(primary.version):
        why = f"this host has MariaDB {me.version}, but {primary.name} has {primary.version}: members are of one series"
        return Decision("refuse", f"{why}; install {series(primary.version)} here")
    if me.address in primary.view:
        # Who comes back before it is missed keeps everybody from writing for twice as long (5.8 s instead of 2.6 s).
        return Decision("wait", f"{primary.name} has not noticed yet that MariaDB has ended here")
    if me.seeded and me.uuid != primary.uuid:
        return Decision("copy", f"{primary.name} is in the primary component, and began with other rows than this host has")
    return Decision("join", f"{primary.name} is in the primary component")


def series(version: str) -> str:
    """What may differ among members is the last number alone: 10.11.19 is of 10.11."""
    return version.rpartition(".")[0]


def decide_after_outage(
    me: Member, others: dict[str, Member | None], order: list[str], allow_majority: bool
) -> Decision:
    answering = [me, *(member for member in others.values() if member)]
    missing = [name for name, member in others.items() if member is None]
    listed = [member for member in answering if member.name in order]
    if missing and not (allow_majority and len(listed) * 2 > len(order)):
        why = "it may hold the newest rows" if allow_majority else "it may hold the newest rows; recovery without it needs permission"
        return Decision("wait", f"nobody has a quorum, and {', '.join(missing)} does not answer: {why}")
    if any(member.process == "starting" for member in answering):
        return Decision("wait", "a member is starting")
    with_data = [member for member in answering if not (member.fresh or member.seeded)]
    if not with_data:
        if missing:
            return Decision("wait", f"a new cluster begins with all of its members: {', '.join(missing)} does not answer")
        if not any(member.founder for member in answering):
            return Decision("refuse", NEW_HOSTS)
        first = min(listed, key=lambda member: (not member.configured, member.name))
        return chosen(me, first, "a new cluster")
    usable = [
        member for member in with_data if member.uuid != NO_CLUSTER and member.seqno > NO_POSITION and not member.transfer
    ]
    if not usable:
        return Decision("wait", "no member has a complete database: restore a backup")
    clusters = {member.uuid for member in usable}
    if len(clusters) > 1:
        return Decision("wait", f"the members hold data of different clusters: {', '.join(sorted(clusters))}")
    first_by_name = sorted(usable, key=lambda member: member.name)
    best = max(first_by_name, key=lambda member: (member.seqno, member.process == "running", member.safe))
    return chosen(me, best, f"it holds the newest rows (seqno {best.seqno})")


def chosen(me: Member, best: Member, why: str) -> Decision:
    if best.name != me.name:
        return Decision("wait", f"{best.name} begins: {why}")
    return Decision("promote" if me.process == "running" else "bootstrap", why)
