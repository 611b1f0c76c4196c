"""What a role or an operator has a member do, one step at a time, with an end and an error."""

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import member_founders
from member_boot import FailedStarts
from member_data import refuse_mount
from member_peers import Peers, RefusedError
from member_room import NO_ROOM_TO_RETURN, NO_ROOM_TO_STAY, why_not_restart
from member_tables import upgrade_tables
from replicated_history import DATA, HELD
from replicated_member import Member, leader_of, parse, told_rows, unaided
from replicated_settle import await_settled
from replicated_state import CLAIM, HOLD, is_pristine
from replicated_voters import Voters, in_force

SERVER_ID = Path("/var/lib/evenkeel/replicated.server-id")
JOIN_SECONDS = 3600
# So long a fail-over may take, and a host to boot.
OTHERS_SECONDS = 120
# When this member has all rows, who votes may still have to change: whoever leaves is told next.
SETTLE_SECONDS = 60
HELD_FOR = "stopped for a restore: run that again, or `database-backup resume` on this host"
STOP_SECONDS = 300


def claim(config: dict) -> None:
    if not CLAIM.exists():
        refuse_mount(DATA)
        if not is_pristine():
            raise RefusedError("/var/lib/mysql holds a database, which joining would overwrite: move it away first")
        CLAIM.parent.mkdir(parents=True, exist_ok=True)
        CLAIM.write_text(f"{config['cluster']}\n")
    owner = CLAIM.read_text().strip()
    if owner != config["cluster"]:
        raise RefusedError(f"this host belongs to the cluster {owner}: its data is not touched")
    keep_server_id(config)


def keep_server_id(config: dict) -> None:
    """Its rows are known by it: with another one, MariaDB would take its own writes for somebody's."""
    kept, wanted = SERVER_ID.read_text().strip() if SERVER_ID.exists() else "", str(config["serverId"])
    if kept not in ("", wanted):
        raise RefusedError(
            f"this host is the cluster's server {kept}, and would be {wanted} by the name {config['name']}: a member keeps its"
            " name; under another one the host joins when it has left, so take it out of the program first"
        )
    SERVER_ID.write_text(f"{wanted}\n")


def states(config: dict) -> dict[str, dict | None]:
    return Peers(config).ask_all("/state", names=config["members"])


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


def switchover(config: dict) -> None:
    primary = leader_of([member for state in states(config).values() if (member := parse(state))])
    if primary is None:
        raise RefusedError("there is no primary that could hand over; see `replicated-member status`")
    if primary.name == config["argument"]:
        print(f"{primary.name} is the primary already")
        return
    done = Peers(config).command(primary.name, "/switchover", {"to": config["argument"]})
    print(f"{done['primary']} is the primary, after {done['seconds']} s")


def promote(config: dict) -> None:
    """For when no majority can answer any more, and the members that are left shall go on."""
    if not config["acceptLoss"]:
        raise RefusedError("writes that only members hold who do not answer would be lost: say so with --accept-loss")
    Peers(config).command(config["name"], "/promote", {})
    await_state(config, lambda me: me.leads > 0, 60, "the primary")


def reseed(config: dict) -> None:
    """Its data is replaced by a copy of another member's, which serves on."""
    Peers(config).command(config["name"], "/reseed", {})
    await_state(config, lambda me: me.process != "running", 30, "beginning to copy")
    await_state(config, lambda me: me.process == "running" and me.warm, JOIN_SECONDS, "a replica again")
    me = parse(Peers(config).ask(config["name"], "/state"))
    print(me.errant or "done: nothing was here that the others lack")


def begin(config: dict) -> None:
    """The restored rows, which run here, are the cluster's from now on."""
    Peers(config).command(config["name"], "/begin", {})


def await_state(config: dict, reached: Callable[[Member], bool], seconds: float, what: str) -> None:
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        me = parse(Peers(config).ask(config["name"], "/state"))
        if me and reached(me):
            return
        time.sleep(0.1)
    raise RefusedError(f"{config['name']} is not {what} after {seconds:.0f} s:\n{journal('evenkeel-replicated', since)}")


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
    subprocess.run(["systemctl", "stop", "mariadb"], check=False, timeout=STOP_SECONDS)


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
    me, voters = config["name"], [name for name in voters_of(members, config).names if name in members]
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


def voters_of(members: dict[str, Member | None], config: dict) -> Voters:
    return in_force([member for member in members.values() if member], config["members"])


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


def journal(unit: str, since: str) -> str:
    command = ["journalctl", "-q", "-u", unit, "--since", since, "-o", "cat", "-n", "15"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
