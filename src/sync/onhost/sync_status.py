"""What a host says of a sync when it is asked, a line for each thing, and whether that is well."""

import os
import time

from sync_ended import since
from sync_local import Local

# What is well notes it every 15 s (sync_exchange.py), at the end of each interval, or when all is compared (lsyncd.ts).
LATE_S = {"twoWay": 90, "periodic": 90, "oneWay": 1300}
NAMED = 3

Told = tuple[str, bool]


def targets(local: Local) -> Told:
    """Of a source: its last run to each target."""
    records = [local.read(f"runs/{host}.json") for host in local.targets()]
    ended = since(local, max((record.get("at") or 0 for record in records), default=0))
    return (ended, False) if ended else runs(local, local.targets())


def exchange(local: Local) -> Told:
    """Of the centre with each other host; of another one with the centre."""
    said = centre_says(local)
    if not said:
        return "sync-exchange does not run", False
    others = [host for host in local.config["hosts"] if host != local.config["host"]]
    peers = others if said["centre"] else [said["follows"]] if said["follows"] else []
    return runs(local, peers) if peers else (f"none: {said['reason']}", False)


def centre(local: Local) -> Told:
    said = centre_says(local)
    if not said:
        return "sync-exchange does not run", False
    name = local.config["host"] if said["centre"] else said["follows"]
    return (name, True) if name else (f"none yet: {said['reason']}", False)


def conflicts(local: Local) -> Told:
    """Nothing is broken, but somebody has to look."""
    from sync_copies import copies

    root = os.fsencode(local.path)
    names = [os.fsdecode(os.path.relpath(os.path.join(folder, name), root)) for folder, name in copies(local.path)]
    if not names:
        return "none", True
    more = f" and {len(names) - NAMED} more" if names[NAMED:] else ""
    return f"{len(names)} kept here: {', '.join(printable(name) for name in names[:NAMED])}{more}", True


REPORTS = {"targets": targets, "centre": centre, "exchange": exchange, "conflicts": conflicts}


def centre_says(local: Local) -> dict:
    from sync_centre import said

    return said(local)


def runs(local: Local, peers: list[str]) -> Told:
    if not local.marked():
        return local.unmarked(), False
    late = LATE_S[local.config["mode"]] + 2 * (local.config["every"] or 0)
    told = [run(peer, local.read(f"runs/{peer}.json"), late) for peer in peers]
    return ", ".join(text for text, _ in told), all(good for _, good in told)


def run(peer: str, record: dict, late: float) -> Told:
    last = record.get("last_ok")
    when = f"{peer} {age(time.time() - last)} ago" if last else f"{peer} never"
    if record.get("error"):
        return f"{when} ({printable(record['error'])})", False
    return when, bool(last) and time.time() - last <= late


def age(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"


def printable(text: str) -> str:
    """On one line, and no bytes that a terminal takes for something else."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
