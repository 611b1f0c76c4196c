"""What a role or an operator has a member do, one step at a time, with an end and an error."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import galera_upgrade
import member_boot
import member_founders
from galera_daemon import INTERVAL
from galera_decision import (
    NO_CLUSTER,
    STATES,
    Member,
    decide,
    is_synced,
    problem_of,
    writer_of,
)
from galera_members import Members
from galera_state import (
    CLAIM,
    DATA,
    DRAINING,
    HOLD,
    Observer,
    is_pristine,
    read_grastate,
)
from galera_writer import ask_for, hand_over, heir, may_write
from member_boot import FailedStarts
from member_data import refuse_mount
from member_peers import RefusedError
from member_room import why_not_restart
from member_tables import upgrade_tables

# Which MariaDB the members should have; without it, the one that they have.
VERSION = Path("/etc/evenkeel/galera.version")
# HAProxy's checks have noticed by then (two of 0.5 s each), and what was under way has mostly ended.
DRAIN_SECONDS = 2.0
SWITCH_SECONDS = 10
# A state transfer of a database of some gigabytes included.
JOIN_SECONDS = 3600


def claim(config: dict) -> None:
    if CLAIM.exists():
        owner = CLAIM.read_text().strip()
        if owner != config["cluster"]:
            raise RefusedError(f"this host belongs to the cluster {owner}: its data is not touched")
        return
    refuse_mount(DATA)
    if not is_pristine():
        uuid = read_grastate().get("uuid", NO_CLUSTER)
        what = f"data of the Galera cluster {uuid}" if uuid != NO_CLUSTER else "a database"
        raise RefusedError(f"/var/lib/mysql holds {what}, which joining would overwrite: move it away first")
    CLAIM.parent.mkdir(parents=True, exist_ok=True)
    CLAIM.write_text(f"{config['cluster']}\n")


def restart(config: dict) -> None:
    observer = Observer(config)
    me = observer.look()
    refuse_new_hosts(me, Members(config), config)
    await_turn(me, config)
    wanted = VERSION.read_text().strip() if VERSION.exists() else ""
    names = galera_upgrade.outdated(wanted) if wanted else []
    if names:
        prepare(galera_upgrade.fetch, wanted, names)
    hold()
    try:
        drain_and_stop(me, observer, config)
        if names:
            prepare(galera_upgrade.install, wanted, names)
    finally:
        release()
    await_synced(observer, config)
    if names:
        upgrade_tables()


def await_turn(me: Member, config: dict) -> None:
    if me.process == "running" and me.primary:
        problem = why_not_restart(me.room)
        if problem:
            raise RefusedError(problem)
        await_others(Members(config))


def hold() -> None:
    HOLD.parent.mkdir(parents=True, exist_ok=True)
    HOLD.touch()


def release() -> None:
    HOLD.unlink(missing_ok=True)
    DRAINING.unlink(missing_ok=True)


def pause(config: dict) -> None:
    """Until `resume`, or until the host boots."""
    observer = Observer(config)
    me = observer.look()
    await_turn(me, config)
    hold()
    drain_and_stop(me, observer, config)


def resume(config: dict) -> None:
    release()
    await_synced(Observer(config), config)
    upgrade_tables()


def refuse_new_hosts(me: Member, members: Members, config: dict) -> None:
    found = [me, *members.others().values()]
    if all(found) and not any(member.founder or not is_new(member) for member in found):
        raise RefusedError(member_founders.told(config))


def prepare(step: Callable, *arguments: object) -> None:
    try:
        step(*arguments)
    except galera_upgrade.UpgradeFailed as failure:
        raise RefusedError(f"MariaDB is not upgraded: {failure}") from failure


def leave(config: dict) -> None:
    """In good order, until the daemon has it join again."""
    observer = Observer(config)
    try:
        drain_and_stop(observer.look(), observer, config)
    finally:
        DRAINING.unlink(missing_ok=True)


def status(config: dict) -> None:
    members = Members(config)
    states = {config["name"]: myself(config, members)} | members.others()
    print(json.dumps({name: member and told(member) for name, member in states.items()}, indent=2))


def told(member: Member) -> dict:
    """What it says, and what that means."""
    return asdict(member) | {"problem": problem_of(member)}


def myself(config: dict, members: Members) -> Member:
    """As the daemon sees it; where that is not there, as it is."""
    return members.ask(config["name"]) or Observer(config).look()


def well(config: dict) -> None:
    me = myself(config, Members(config))
    problem = problem_of(me) or me.alert
    if problem:
        raise RefusedError(problem)
    print(f"{STATES[me.state]}{', drained' if me.draining else ''}")


def writer(config: dict) -> None:
    members = Members(config)
    found = writer_of({config["name"]: myself(config, members)} | members.others())
    if found is None:
        raise RefusedError("no member takes them")
    print(f"{found} takes them")


def switchover(config: dict) -> None:
    members = Members(config)
    known = {config["name"]: myself(config, members)} | members.others()
    to = config["argument"] or heir(config["members"], known)
    if to not in config["members"]:
        raise RefusedError(f"{to or 'nobody'} is no member that could take the writes")
    if not may_write(known[to]):
        raise RefusedError(f"{to} cannot take the writes: {problem_of(known[to]) or 'it is about to leave'}")
    ask_for(Observer(config), to)
    deadline = time.monotonic() + SWITCH_SECONDS
    while True:
        state = members.ask(to)
        if state and state.writer == to:
            print(f"{to} takes the writes")
            return
        if time.monotonic() > deadline:
            raise RefusedError(f"{to} does not take the writes")
        time.sleep(0.1)


def await_others(members: Members, seconds: float = 120) -> None:
    """One member at a time: while another one is away, this one stays."""
    deadline = time.monotonic() + seconds
    while True:
        # A member that has never been up is nobody's quorum.
        away = [name for name, member in members.others().items() if not (member and (is_new(member) or is_synced(member)))]
        if not away:
            return
        if time.monotonic() > deadline:
            raise RefusedError(f"{', '.join(away)} is not Synced: a restart of this member now could take the cluster down")
        time.sleep(0.5)


def is_new(member: Member) -> bool:
    return member.fresh or member.seeded


def drain_and_stop(me: Member, observer: Observer, config: dict) -> None:
    if me.process == "running":
        drain(me, observer, config)
    member_boot.stop()


def drain(me: Member, observer: Observer, config: dict) -> None:
    """Sessions go on here for a while, and new ones find the next writer."""
    DRAINING.touch()
    # Only then: a writer that is none any more, and not drained, loses its sessions.
    time.sleep(2 * INTERVAL)
    hand_over(me, observer, Members(config))
    time.sleep(DRAIN_SECONDS)


def await_synced(observer: Observer, config: dict) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    members = Members(config)
    deadline = time.monotonic() + JOIN_SECONDS
    former = ""
    failed = FailedStarts()
    while time.monotonic() < deadline:
        me = observer.look()
        if is_synced(me):
            return
        if failed.are_too_many():
            raise RefusedError(f"MariaDB does not start:\n{journal('mariadb', since)}")
        decision = decide(me, members.others(), config["members"], config["allowMajority"])
        # Twice the same, as the daemon does: what will not change by itself is not waited for.
        if decision.action == "refuse" and decision.reason == former:
            raise RefusedError(f"it does not join: {decision.reason}")
        former = decision.reason
        time.sleep(0.25)
    others = {name: member.process if member else "does not answer" for name, member in members.others().items()}
    raise RefusedError(f"not Synced after {JOIN_SECONDS} s; members: {others}\n{journal('evenkeel-galera', since)}")


def journal(unit: str, since: str) -> str:
    command = ["journalctl", "-q", "-u", unit, "--since", since, "-o", "cat", "-n", "15"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
