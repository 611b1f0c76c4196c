"""A member's MariaDB stops and starts in order: a primary hands over first, and the others are well before."""

import time

import member_boot
import member_founders
from member_boot import FailedStarts
from member_peers import Peers, RefusedError
from member_room import why_not_restart
from member_tables import upgrade_tables
from replicated_history import HELD
from replicated_member import Member, leader_of, parse
from replicated_settle import await_settled
from replicated_state import HOLD
from replicated_status import HELD_FOR, states, voters_of
from replicated_steps import JOIN_SECONDS, journal, switchover

# So long a fail-over may take, and a host to boot.
OTHERS_SECONDS = 120
# When this member has all rows, who votes may still have to change: whoever leaves is told next.
SETTLE_SECONDS = 60


def restart(config: dict) -> None:
    try:
        pause(config)
    finally:
        HOLD.unlink(missing_ok=True)
    await_member(config)


def pause(config: dict) -> None:
    """Stopped, until `resume` or until the host boots."""
    if HELD.exists():
        raise RefusedError(f"this member is {HELD_FOR}")
    me = parse(Peers(config).ask(config["name"], "/state"))
    too_little = why_not_restart(me.room) if me and me.process == "running" else None
    if too_little:
        raise RefusedError(too_little)
    refuse_new_hosts(config, states(config))
    if me and me.process == "running" and me.epochs:
        await_others(config)
        me = parse(Peers(config).ask(config["name"], "/state"))
    if me and me.leads and any(state for name, state in states(config).items() if name != me.name):
        switchover(config)
    HOLD.parent.mkdir(parents=True, exist_ok=True)
    HOLD.touch()
    member_boot.stop()


def resume(config: dict) -> None:
    HOLD.unlink(missing_ok=True)
    await_member(config)
    upgrade_tables()


def await_others(config: dict) -> None:
    """One voter at a time: while another one is away, this one stays."""
    deadline = time.monotonic() + OTHERS_SECONDS
    while True:
        found = states(config)
        members = {name: parse(state) for name, state in found.items()}
        away = others_away(members, config)
        if not away:
            return
        if time.monotonic() > deadline:
            raise RefusedError(f"{whose(away)}: a restart of {config['name']} now could end all writes; mend that first")
        time.sleep(0.25)


def others_away(members: dict[str, Member | None], config: dict) -> list[str]:
    """Those for whom it has to stay. Who is no member any more is not waited for, but two others have to be there."""
    me, voters = (config["name"], [name for name in voters_of(members, config).names if name in members])
    well = [name for name, member in members.items() if name != me and member and is_well(member)]
    away = [name for name in voters if name != me and name not in well]
    if away or me not in voters or len([name for name in voters if name in well]) >= 2:
        return away
    return [name for name in members if name != me and name not in voters]


def refuse_new_hosts(config: dict, found: dict[str, dict | None]) -> None:
    members = [parse(state) for state in found.values()]
    if all(members) and not any(member.founder or member.epochs or member.formed for member in members):
        raise RefusedError(member_founders.told(config))


def is_well(member: Member) -> bool:
    return member.process == "running" and (member.leads > 0 or member.warm)


def whose(away: list[str]) -> str:
    return f"{', '.join(away)} {'is' if len(away) == 1 else 'are'} neither the primary nor a replica with all of its rows"


def await_member(config: dict) -> None:
    """Until it follows or leads; a cluster that is new, until all of its voters run."""
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    deadline = time.monotonic() + JOIN_SECONDS
    led = time.monotonic()
    failed = FailedStarts()
    while time.monotonic() < deadline:
        said = states(config)
        refuse_new_hosts(config, said)
        found = {name: parse(state) for name, state in said.items()}
        me = found[config["name"]]
        if me and me.process == "running":
            if me.leads or me.warm:
                await_settled(config, SETTLE_SECONDS, wait_for_new=True)
                return
            others = [found.get(name) for name in voters_of(found, config).names]
            if not me.epochs and not all(member and member.process == "running" for member in others):
                return
        if not me or me.process != "running" or leader_of([member for member in found.values() if member]):
            led = time.monotonic()
        elif time.monotonic() - led > OTHERS_SECONDS:
            running = {name for name, member in found.items() if member and member.process == "running"}
            away = [name for name in voters_of(found, config).names if name not in running]
            raise RefusedError(
                f"{me.name} runs with its new settings, but there is no primary, since {', '.join(away)} may hold the newest"
                " writes and does not run: bring it back, or see `replicated-member promote`"
            )
        if failed.are_too_many():
            raise RefusedError(f"MariaDB does not start:\n{journal('mariadb', since)}")
        time.sleep(0.25)
    raise RefusedError(f"not a replica after {JOIN_SECONDS} s\n{journal('evenkeel-replicated', since)}")
