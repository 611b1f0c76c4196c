"""Who is the centre of a two-way sync. Pure, but for what is said to others.

The centre is the first of the hosts that is there, and exchanges with each of the others; they exchange with nobody.

- When it dies, or its marker is gone, the next one has missed ten seconds of answers and takes its place.
- A former centre that is back is no centre at once: it is a peer first, so that what it has missed comes to it in one
  exchange, of which the other side is a host that has missed nothing. When that has been whole and well for a while, the
  centre gives its place back: it ends its exchanges, says so, and the other one, seeing no centre, begins. If it does not,
  the former one goes on after ten seconds. Each change makes the next giving back wait longer.
- Two centres that did not see each other (a cut line) do not exchange with the same host: a host that is exchanged with has
  a lock, and so does a centre. When they meet, the one that has been left alone ends, as it is the one that has missed
  something; if both have others, the later in the list does.
- A host without a first copy is the centre only if no other one has one: it would have nothing to give. All may be new;
  then each file of each comes to all.
"""

import contextlib
import json
from dataclasses import dataclass

from sync_local import Local, read, write
from sync_pairs import Pairs
from sync_peer import is_running, served

# So long a host may say nothing until it is taken for gone: three questions.
SILENT_SECONDS = 10
# So long a host without a first copy waits for one that has it, and may only be booting.
FOUNDING_SECONDS = 60


@dataclass(frozen=True)
class Host:
    """What is known of one."""

    name: str
    # Whether its last answer still counts, and for how long there has been none since it was first asked.
    there: bool = True
    silent: float = 0.0
    marker: bool = True
    complete: bool = True
    # Its sync-exchange runs.
    daemon: bool = True
    centre: bool = False
    # Hosts that it exchanges with now.
    exchanges: tuple[str, ...] = ()
    # For how long the exchange of this centre with it has been whole and without an error.
    steady: float = 0.0

    @property
    def fit(self) -> bool:
        return self.there and self.marker and self.daemon


@dataclass(frozen=True)
class Decision:
    # "lead", "follow" or "wait"
    action: str
    reason: str
    # Whom it follows, or waits for.
    of: str = ""


def decide(me: Host, others: list[Host], order: list[str], patience: float) -> Decision:
    """`patience` is how long the exchange with a former centre has to be well before it is the centre again."""
    if not me.marker:
        return Decision("wait", "its folder has no marker")
    centres = [other for other in others if other.fit and other.centre]
    if me.centre:
        return decide_as_centre(me, others, centres, order, patience)
    if centres:
        first = max(centres, key=lambda each: rank(each, order))
        return Decision("follow", f"{first.name} is the centre", first.name)
    unsure = [other.name for other in others if not other.there and other.silent < patience_for(me, others)]
    able = sorted(candidates([me, *others]), key=lambda each: order.index(each.name))
    if able and able[0].name != me.name:
        return Decision("wait", f"{able[0].name} comes first", able[0].name)
    if unsure:
        return Decision("wait", f"{' and '.join(unsure)} may be the centre")
    return Decision("lead", "no host before it is there")


def decide_as_centre(me: Host, others: list[Host], centres: list[Host], order: list[str], patience: float) -> Decision:
    for other in centres:
        if rank(other, order) > rank(me, order):
            return Decision("follow", f"{other.name} is the centre, too", other.name)
    before = [other for other in others if order.index(other.name) < order.index(me.name)]
    for other in sorted(before, key=lambda each: order.index(each.name)):
        if other.fit and other.complete and not other.centre and other.steady >= patience:
            return Decision("wait", f"{other.name} is back", other.name)
    return Decision("lead", "it is the centre")


def rank(host: Host, order: list[str]) -> tuple[bool, bool, int]:
    return host.complete, bool(host.exchanges), -order.index(host.name)


def candidates(hosts: list[Host]) -> list[Host]:
    fit = [host for host in hosts if host.fit]
    return [host for host in fit if host.complete] or fit


def patience_for(me: Host, others: list[Host]) -> float:
    """What counts as gone: for a host that has nothing, only what has been for long."""
    found = me.complete or any(other.there and other.complete for other in others)
    return SILENT_SECONDS if found else FOUNDING_SECONDS


def may_complete(me: Host, others: list[Host], whole: set[str]) -> bool:
    """Whether a centre without a first copy has got all there is, having exchanged all with `whole`."""
    if any(other.name in whole and other.complete for other in others):
        return True
    lacking = [other for other in others if other.name not in whole]
    return bool(whole) and all(other.silent >= FOUNDING_SECONDS for other in lacking)


def hello(config: dict) -> dict:
    """What sync-serve tells beside the state of the tree."""
    local = Local(config["name"])
    told = said(local)
    return {
        "daemon": is_running(local),
        "centre": bool(told.get("centre")),
        "exchanges": told.get("exchanges", []),
        "runs": told.get("runs", {}),
        "served": served(local),
        **Pairs(local).told(),
    }


def say(local: Local, record: dict) -> None:
    """What this host's daemon has others know."""
    write(f"{local.run}/centre.json", json.dumps(record))


def said(local: Local) -> dict:
    with contextlib.suppress(OSError, ValueError):
        if is_running(local):
            return json.loads(read(f"{local.run}/centre.json"))
    return {}
