"""What each member of a replicated cluster does about its MariaDB. Pure: states go in, one action comes out."""

from dataclasses import dataclass

from member_room import NO_ROOM_TO_RETURN, NO_ROOM_TO_STAY
from replicated_member import (
    Member,
    known_epochs,
    last_led,
    latest,
    leader_of,
    told_rows,
)
from replicated_membership import in_force, is_leaving, is_ready, left_out
from replicated_quorum import newest, quorum_problem
from replicated_voters import Voters

# So long a former primary leaves the others to elect another one before it starts as it is.
ELECTION_SECONDS = 10


@dataclass(frozen=True)
class Decision:
    # "stay", "start", "start-as-replica", "campaign", "renew", "follow", "reseed", "step-down", "hand-over", "leave", "kill" or "wait"
    action: str
    reason: str
    # Of whom it is: the primary to follow.
    of: str = ""


def decide(me: Member, others: dict[str, Member | None], order: list[str], patience: float, idle: float = 0.0) -> Decision:
    """`others` are those of the newest history, with None for who does not answer, `order` are the configured members, and
    MariaDB has been stopped here for `idle` seconds."""
    answering = [me, *(member for member in others.values() if member)]
    voters = in_force(answering, order)
    if me.process in ("starting", "seeding"):
        return Decision("stay", f"it is {me.process}")
    if me.process == "hung":
        return decide_while_hung(me, answering, voters)
    if me.history < me.newest:
        return decide_as_outdated(me, leader_of(answering[1:]))
    leader = leader_of(answering)
    if me.process == "stopped":
        return decide_to_start(me, answering, leader, voters, idle)
    if me.leads:
        return decide_as_primary(me, answering, leader, voters, order)
    if me.full and leader and not leader.yields_to:
        return decide_to_leave(me, answering, voters)
    if leader and leader.yields_to == me.name and me.position == leader.position:
        return Decision("campaign", f"{leader.name} hands over")
    if leader and leader.leads >= me.promised:
        if me.follows == leader.name and me.follows_epoch == leader.leads:
            return Decision("stay", f"it follows {leader.name}")
        return Decision("follow", f"{leader.name} is the primary of epoch {leader.leads}", leader.name)
    return decide_to_campaign(me, answering, voters, patience)


def decide_as_outdated(me: Member, leader: Member | None) -> Decision:
    if me.leads:
        return Decision("step-down", "the cluster was restored without this member")
    if leader:
        return Decision("reseed", f"{leader.name} has the cluster's rows, this host {told_rows(me)}")
    return Decision("wait", f"it {told_rows(me)}, and no member that has the cluster's serves")


def decide_to_start(me: Member, answering: list[Member], leader: Member | None, voters: Voters, idle: float) -> Decision:
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
    voting = voting_of(answering, voters)
    electors = [member for member in voting if member.name != me.name and member.process == "running" and member.warm]
    if len(voting) < voters.majority:
        return Decision("wait", "it was the primary and cannot know yet whether another one is: no majority answers")
    if idle < ELECTION_SECONDS and (len(electors) >= voters.majority or len(voting) < len(voters.names)):
        return Decision("wait", "it was the primary: the others may elect another one first")
    return Decision("start", "it was the primary, and no other one has been elected")


def decide_as_primary(me: Member, answering: list[Member], leader: Member | None, voters: Voters, order: list[str]) -> Decision:
    if leader and leader.leads > me.leads and leader.name != me.yields_to:
        return Decision("step-down", f"{leader.name} is the primary of epoch {leader.leads}")
    epochs = known_epochs(answering)
    since = epochs.get(str(latest(epochs)), ["", 0, 0])[0]
    if latest(epochs) > me.leads and since != me.name and not me.yields_to:
        # Whoever that was is gone again, and nobody else is elected while this one seems to lead.
        return Decision("step-down", f"{since} has been the primary since")
    challenged = max(member.promised for member in [me, *voting_of(answering, voters)])
    if challenged > me.leads and not me.yields_to:
        return Decision("renew", f"an election of epoch {challenged} has ended without a primary")
    if me.yields_to:
        return Decision("stay", "it is the primary")
    heirs = able_to_lead(me, answering, order)
    staying = [heir for heir in heirs if stays(heir, me, answering, order)]
    if staying and is_leaving(me, answering[1:], order):
        return Decision("hand-over", "it is to be no member any more")
    if me.full:
        if heirs:
            return Decision("hand-over", NO_ROOM_TO_STAY)
        return Decision("stay", f"{NO_ROOM_TO_STAY}, and no other voter could lead")
    return Decision("stay", "it is the primary")


def able_to_lead(me: Member, answering: list[Member], order: list[str]) -> list[Member]:
    """Voters that can take this primary's place, the best first: one that stays a member, then who lags least."""
    able = [each for each in voting_of(answering, in_force(answering, order)) if is_ready(each, me)]
    return sorted(able, key=lambda each: (not stays(each, me, answering, order), each.lag or 0, each.name))


def stays(other: Member, me: Member, answering: list[Member], order: list[str]) -> bool:
    wanted = left_out(me, [each for each in answering if each is not me], order) or order
    return other.name in wanted and not other.leaving


def decide_to_leave(me: Member, answering: list[Member], voters: Voters) -> Decision:
    if may_leave(me, answering, voters):
        return Decision("leave", NO_ROOM_TO_STAY)
    return Decision("stay", f"{NO_ROOM_TO_STAY}, and too few other voters could serve")


def decide_while_hung(me: Member, answering: list[Member], voters: Voters) -> Decision:
    """MariaDB waits for room for ever, even when it is told to stop."""
    if me.full and may_leave(me, answering, voters):
        return Decision("kill", f"{NO_ROOM_TO_STAY}, and MariaDB waits for room")
    return Decision("stay", "MariaDB does not answer")


def may_leave(me: Member, answering: list[Member], voters: Voters) -> bool:
    """A voter only as long as the others can acknowledge each other's writes, and elect."""
    voting = [member for member in voting_of(answering, voters) if member.name != me.name]
    serving = [member for member in voting if member.process == "running" and not member.full]
    return me.name not in voters.names or len(serving) >= max(voters.majority, 2)


def why_not_reseed(me: Member, answering: list[Member], order: list[str]) -> str | None:
    """A voter acknowledges nothing while it copies, and the copy would wait for the writes that wait for it."""
    voters = in_force([me, *answering], order)
    if me.name not in voters.names or not me.warm:
        return None
    no_replicas = {me.name, *(each.name for each in answering if each.leads)}
    replicas = [name for name in voters.names if name not in no_replicas]
    if any(each.name in replicas and each.process == "running" and each.warm for each in answering):
        return None
    return f"all writes would wait while it copies, as {' and '.join(replicas)} acknowledges none: bring that back first"


def decide_to_campaign(me: Member, answering: list[Member], voters: Voters, patience: float) -> Decision:
    if me.name not in voters.names:
        return Decision("wait", "there is no primary; this member has no vote")
    voting = [member for member in voting_of(answering, voters) if member.process == "running"]
    hearing = [member.name for member in voting if member.silent < patience]
    if hearing:
        return Decision("wait", f"{', '.join(hearing)} saw a primary a moment ago")
    why_not = quorum_problem(voting, voters)
    if why_not:
        return Decision("wait", why_not)
    epochs = known_epochs(answering)
    eligible = [member for member in voting if member.formed] or voting
    best = newest(eligible, epochs)
    if best != me.name:
        return Decision("wait", f"{best} has the newest log")
    return Decision("campaign", "there is no primary, and its log is the newest")


def voting_of(answering: list[Member], voters: Voters) -> list[Member]:
    return [member for member in answering if member.name in voters.names]
