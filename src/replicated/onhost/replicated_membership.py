"""Who votes next: decided from what the members say of themselves and of the set of voters (replicated_voters)."""

from replicated_member import Member
from replicated_voters import NEVER_TOLD, VOTERS, Voters, majority


def in_force(members: list[Member], order: list[str]) -> Voters:
    """The newest set that one of them knows; of a new cluster it is the first of its members, by name."""
    newest = max((member.voters for member in members), key=lambda voters: voters.age, default=NEVER_TOLD)
    return newest if newest.names else Voters(tuple(sorted(order)[:VOTERS]))


def holds(voters: Voters, holders: set[str]) -> bool:
    return all(len(holders & set(names)) >= majority(names) for names in (voters.names, voters.before))


def left_out(me: Member, others: list[Member], order: list[str]) -> tuple[str, ...]:
    """The list of a member that has this one on its list no more: the program has taken it out, and tells it last. Who is a
    member to both of them knows that best."""
    known = [member for member in others if member.name in order] or others
    lists = (member.members for member in known if member.members)
    return next((names for names in lists if me.name not in names), ())


def is_leaving(me: Member, others: list[Member], order: list[str]) -> bool:
    return me.leaving or bool(left_out(me, others, order))


def next_voters(me: Member, others: list[Member], order: list[str]) -> tuple[tuple[str, ...] | None, str]:
    """What the primary changes next, and why; or None, and what it waits for. `order` are the members that it has on its
    list, `others` all who answer."""
    now, found = me.voters.names, {member.name: member for member in others}
    wanted = left_out(me, others, order) or tuple(order)
    differing = [each.name for each in others if each.name in wanted and each.members and set(each.members) != set(wanted)]
    leaving = {member.name for member in [me, *others] if member.leaving}
    staying = [name for name in now if name in wanted and name not in leaving]
    going = [name for name in now if name not in staying and name != me.name]
    coming = [name for name in wanted if name not in now and name not in leaving]
    if differing:
        # An `up` is under way, or has ended early: only who wants to go itself goes meanwhile.
        going, coming = [name for name in going if name in leaving], []
    gone = [name for name in going if name not in found]
    if gone:
        return without(now, gone[0]), f"{gone[0]} is no member any more, and does not answer"
    ready = sorted(name for name in coming if name in found and is_ready(found[name], me))
    if len(staying) < VOTERS and len(now) <= VOTERS and ready:
        return (*now, ready[0]), f"{ready[0]} has all rows"
    for name in going:
        if name in leaving or len(now) > VOTERS or not coming:
            return without(now, name), f"{name} is no member any more"
    if differing:
        return None, f"{differing[0]} has another list of members"
    if len(staying) > VOTERS:
        surplus = min(staying, key=lambda name: (name == me.name, name in found, -now.index(name)))
        return without(now, surplus), f"{VOTERS} others vote"
    if len(staying) < VOTERS and coming:
        return None, f"waits for {' and '.join(sorted(coming))} to have all rows"
    return None, ""


def without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(each for each in names if each != name)


def is_ready(member: Member, primary: Member) -> bool:
    """It has all rows, and keeps them."""
    return is_following(member, primary) and member.formed and not (member.full or member.held)


def is_following(member: Member, primary: Member) -> bool:
    follows = member.follows == primary.name and member.follows_epoch == primary.leads
    return follows and member.process == "running" and member.warm and member.io == member.sql == "Yes"


def counts(primary: Member, name: str) -> bool:
    """Whether that primary takes this member's word that it has a write."""
    return name in primary.voters.acknowledging(primary.settled)


def is_solid(member: Member) -> bool:
    """It can acknowledge what it is sent, so the primary waits for it."""
    return member.formed or member.warm


def makes_full(primary: Member, told: Voters) -> bool:
    """Whether who has all rows of that primary, and was told of these voters, may elect from now on. While others vote, a
    primary that waits for nobody may have taken a write that nobody else has; and one that believes itself alone would be
    elected without this member."""
    waits = primary.semisync or primary.voters.names == (primary.name,)
    return waits and not primary.alone and told == primary.voters


def nobody_acknowledges(me: Member, others: list[Member]) -> bool:
    """All other voters answer, and have no data: a write would wait for ever, and the copy that they need for the write."""
    found = {member.name: member for member in others}
    voters = [found.get(name) for name in me.voters.names if name != me.name]
    return bool(voters) and all(member and not is_solid(member) for member in voters)


def obstacle(me: Member, others: list[Member], names: tuple[str, ...], position: int = 0) -> str | None:
    """Why the change cannot be proposed yet; None if it can. `position` is how far this primary's log went since only
    those acknowledge who are in both sets."""
    answering = {me.name, *(each.name for each in others)}
    if not holds(me.voters.changed(names), answering):
        return f"too few answer of {', '.join(me.voters.names)}"
    both = set(me.voters.names) & set(names) - {me.name}
    # Alone it needs nobody; and where two are all, neither is elected without the other.
    if not both:
        return None
    if not me.semisync:
        return "its writes wait for nobody yet"
    if any(each.name in both and is_following(each, me) and each.position[1] >= position for each in others):
        return None
    return f"{' or '.join(sorted(both))} has to hold every write first"
