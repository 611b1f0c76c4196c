"""What the members say of themselves, and what that means."""

import json
from dataclasses import asdict

from member_peers import Peers, RefusedError
from member_room import NO_ROOM_TO_RETURN, NO_ROOM_TO_STAY
from replicated_member import Member, leader_of, parse, told_rows, unaided
from replicated_membership import in_force
from replicated_voters import Voters

HELD_FOR = "stopped for a restore: run that again, or `database-backup resume` on this host"


def status(config: dict) -> None:
    members = {name: parse(state) for name, state in states(config).items()}
    voters = voters_of(members, config)
    told_of = {name: member and told(member) | {"voter": name in voters.names} for name, member in members.items()}
    print(json.dumps(told_of, indent=2))


def told(member: Member) -> dict:
    """What it says, and what that means."""
    server, sequence = member.position
    meaning = {
        "role": "primary" if member.leads else "replica",
        "gtid": f"0-{server}-{sequence}" if sequence else "",
        "epoch": member.leads or member.follows_epoch,
        "problem": problem(member),
    }
    return asdict(member) | meaning


def well(config: dict) -> None:
    me = parse(Peers(config).ask(config["name"], "/state"))
    trouble = problem(me) if me else "evenkeel-replicated does not answer"
    if trouble:
        raise RefusedError(trouble)
    print("primary" if me.leads else "replica")


def writer(config: dict) -> None:
    primary = leader_of([member for state in states(config).values() if (member := parse(state))])
    if primary is None:
        raise RefusedError("no member takes them")
    print(f"{primary.name} takes them")


def problem(member: Member) -> str:
    if member.held:
        return HELD_FOR
    if member.history < member.newest:
        copies = "copies them" if member.process == "seeding" else "waits for the primary to copy them"
        return f"{copies} anew: it {told_rows(member)}"
    if member.full:
        return NO_ROOM_TO_STAY if member.process in ("running", "hung") else NO_ROOM_TO_RETURN
    if member.process != "running":
        return f"MariaDB is {member.process}"
    if member.leads:
        return "takes writes that no other voter holds" if unaided(member) else ""
    if member.io != "Yes" or member.sql != "Yes":
        return member.error or "does not replicate"
    return "" if member.readable else f"lags {member.lag:.0f} s" if member.lag is not None else "has no heartbeat yet"


def states(config: dict) -> dict[str, dict | None]:
    return Peers(config).ask_all("/state", names=config["members"])


def voters_of(members: dict[str, Member | None], config: dict) -> Voters:
    return in_force([member for member in members.values() if member], config["members"])
