"""What an operator has a member do, one step at a time, with an end and an error."""

import subprocess
import time
from collections.abc import Callable

from member_peers import Peers, RefusedError
from replicated_member import Member, leader_of, parse
from replicated_status import states

JOIN_SECONDS = 3600


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


def journal(unit: str, since: str) -> str:
    command = ["journalctl", "-q", "-u", unit, "--since", since, "-o", "cat", "-n", "15"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
