"""Whether an arbitrator's garbd runs. Pure: what the members say goes in, one action comes out.

garbd never comes back by itself from a component that it was left in alone: when all members have been shut down in good
order it is a primary component of its own, forgets them, and their new one does without its vote.
"""

from galera_decision import Decision, Member

# A garbd that starts is counted within a second.
PATIENCE = 5.0


def serving(states: list[Member | None]) -> list[Member]:
    return [member for member in states if member and member.process == "running" and member.primary]


def is_counted(states: list[Member | None]) -> bool:
    return any(member.arbitrated for member in serving(states))


def arbitrate(states: list[Member | None], uncounted: float, hears: bool) -> Decision:
    """`uncounted` is for how many seconds no serving member has counted it, `hears` whether garbd has a connection."""
    if is_counted(states):
        return Decision("stay", "the members count it")
    if serving(states):
        if uncounted < PATIENCE:
            return Decision("stay", "it has just begun")
        return Decision("restart", f"{serving(states)[0].name} serves and does not count it")
    answering = [member for member in states if member]
    # Members that run without a quorum may need its vote to have one again: it remembers the group that they were in.
    if answering and all(member.process == "stopped" for member in answering) and not hears:
        return Decision("stop", "no member runs: what it remembers of their group must not meet the next one")
    return Decision("stay", "no member serves")
