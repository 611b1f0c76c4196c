"""Waiting, in bounded time, until who votes is as the list of members has it."""

import time
from collections.abc import Callable

from member_peers import Peers
from replicated_member import Member, leader_of, parse
from replicated_membership import in_force
from replicated_voters import VOTERS

# Less than a role waits for its health: what is not done by then goes on by itself.
SETTLE_SECONDS = 25


def settle(config: dict) -> None:
    await_settled(config, SETTLE_SECONDS, wait_for_new=False)


def await_settled(config: dict, seconds: float, wait_for_new: bool) -> bool:
    """Whether all voters are members; and as many as can be, if new ones are waited for."""
    return awaited(seconds, lambda: is_settled(members_of(config), config["members"], wait_for_new))


def is_settled(members: list[Member], order: list[str], wait_for_new: bool) -> bool:
    if not any(member.epochs for member in members):
        # It has not begun.
        return True
    leader = leader_of(members)
    if not leader or not leader.settled:
        return False
    names, most = set(in_force(members, order).names), min(VOTERS, len(order))
    if len(names & set(order)) < most:
        return not wait_for_new
    return names <= set(order)


def members_of(config: dict) -> list[Member]:
    return answers(Peers(config), config["members"])


def answers(peers: Peers, names: list[str] | None = None) -> list[Member]:
    return [parse(state) for state in peers.ask_all("/state", names=names).values() if state]


def awaited(seconds: float, reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.25)
    return True
