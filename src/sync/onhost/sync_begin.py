"""How a source begins: a host that was made anew, and is empty, takes the tree from a target that has it, and deletes nothing there.

`began` in the state says that this host's tree counts; what is in it: {"unasked": targets that did not answer then}.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import sync_ask
from sync_local import Local, lock
from sync_rsync import pull

# For targets that do not answer, if there is nothing here.
PATIENCE_S = float(os.environ.get("EVENKEEL_SYNC_PATIENCE_S", "20"))
# While another target is written down.
LOCKED_S = 10


class NotYet(Exception):
    pass


def begin(local: Local) -> None:
    if local.has("began"):
        return
    # A fetch that was cut off is no tree of the user's.
    waits = local.empty() or local.has("fetching")
    answers = asked(local, time.monotonic() + (PATIENCE_S if waits else 0))
    having = sorted((peer for peer in answers if answers[peer]["complete"]), key=lambda peer: -(answers[peer]["arrived"] or 0))
    if having:
        local.touch("fetching")
        fetch(local, having)
    local.mark()
    local.keep("began", {"unasked": [host for host in local.targets() if host not in answers]})
    local.drop("fetching")


def asked(local: Local, deadline: float) -> dict[str, dict]:
    answers: dict[str, dict] = {}
    silent = local.targets()
    with ThreadPoolExecutor(len(silent)) as threads:
        while True:
            found = dict(zip(silent, threads.map(lambda host: answer(local, host), silent), strict=True))
            answers |= {host: told for host, told in found.items() if isinstance(told, dict)}
            silent = [host for host in silent if host not in answers]
            if not silent or time.monotonic() > deadline:
                for host in silent:
                    tell(local, str(found[host]))
                return answers
            time.sleep(0.5)


def answer(local: Local, host: str) -> dict | str:
    """What it says, or why it does not."""
    try:
        return sync_ask.hello(local, host)
    except sync_ask.Unreachable as error:
        return str(error)


def fetch(local: Local, hosts: list[str]) -> None:
    """From the one to which something came last, or from the next one."""
    for host in hosts:
        tell(local, f"takes what it lacks from {host}, which has the tree")
        done = pull(local, host)
        if done.ok:
            return
        tell(local, f"{host}: {done.reason()}")
    raise NotYet(f"no tree from {', '.join(hosts)}: this host waits for it, and deletes nothing there")


def late(local: Local, host: str, complete: bool) -> None:
    """A target that was not there when this host began: if it has the tree, that goes to all before anything is deleted."""
    if complete:
        fetch(local, [host])
    held = lock(f"{local.run}/began", LOCKED_S)
    unasked = [each for each in local.read("began").get("unasked", []) if each != host]
    local.keep("began", {"unasked": unasked})
    if held is not None:
        os.close(held)


def tell(local: Local, text: str) -> None:
    print(f"evenkeel: sync {local.name}: {text}", file=sys.stderr, flush=True)
