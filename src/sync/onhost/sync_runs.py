"""One run from the source to a target: a list of changes, or the whole tree."""

import os
import sys

import sync_ask
from sync_local import Local, lock
from sync_record import Record
from sync_rsync import LONGEST_LIST, Done, push, rules_of

OK = 0
# Whoever runs this asks for the whole tree again: in a few seconds, or in half a minute (lsyncd.ts).
SOON = 75
LATER = 76
# One that counts, one that deletes, and the rest for folders that are empty by then.
PASSES = 5
# A run of the same target that began before this one is waited for.
PATIENCE_S = 3600.0
# The other side went away, or was not there: rsync's exit codes, and ssh's.
LOST = {10, 12, 20, 30, 35, 255}


class Failed(Exception):
    def __init__(self, why: str, code: int, lacks: bool = True, held: int = 0):
        super().__init__(why)
        self.code, self.lacks, self.held = code, lacks, held


def run_all(local: Local) -> int:
    """Each in a thread of its own: one that does not answer holds up no other."""
    # Not at the top: what brings one change is started for each, and begins sooner without it.
    from concurrent.futures import ThreadPoolExecutor

    targets = local.targets()
    with ThreadPoolExecutor(len(targets)) as threads:
        return max(threads.map(lambda host: run(local, host, None), targets))


def run(local: Local, host: str, changes: bytes | None) -> int:
    """`changes` as in rules_of, or all of the tree."""
    held = lock(f"{local.run}/push-{host}", PATIENCE_S)
    if held is None:
        tell(local, f"a run to {host} has gone on for {PATIENCE_S:.0f} s")
        return LATER
    record = Record(local, host)
    try:
        # What it lacks comes with all of the tree; meanwhile changes need not queue for it.
        if changes is not None and record.behind:
            return SOON
        return attempt(local, host, changes, record)
    finally:
        os.close(held)


def attempt(local: Local, host: str, changes: bytes | None, record: Record) -> int:
    rules = rules_of(changes) if changes is not None else None
    whole = rules is None or len(rules) > LONGEST_LIST
    record.begin()
    try:
        if whole:
            bring_all(local, host)
        else:
            bring(local, host, rules)
    except Failed as failure:
        # The same every few seconds helps nobody.
        if record.end(str(failure), failure.lacks, whole, failure.held):
            tell(local, str(failure))
        return failure.code
    record.end(None, False, whole)
    return OK


def bring_all(local: Local, host: str) -> None:
    peer = greeted(local, host)
    if host in local.read("began").get("unasked", []):
        catch_up(local, host, peer["complete"])
    done = bounded(local, host, None)
    if done.without_room:
        # What is to go away makes room for what comes.
        bounded(local, host, None, only_deletes=True)
    judge(local, host, done)
    if not peer["complete"]:
        try:
            sync_ask.complete(local, host)
        except sync_ask.Unreachable as error:
            raise Failed(str(error), SOON) from None


def catch_up(local: Local, host: str, complete: bool) -> None:
    from sync_begin import NotYet, late

    try:
        late(local, host, complete)
    except NotYet as error:
        raise Failed(str(error), LATER) from None


def bring(local: Local, host: str, rules: list[bytes]) -> None:
    # A folder that is gone may have been any number of files.
    bound = local.config["maxDelete"]
    sure = len(rules) <= bound and not any(rule.endswith(b"/***") for rule in rules)
    done = passes(local, host, bound, rules) if sure else bounded(local, host, rules)
    judge(local, host, done if done.ok or not sure else told(local, host, done))


def bounded(local: Local, host: str, rules: list[bytes] | None, only_deletes: bool = False) -> Done:
    """Counts what would be deleted before any of it is; rsync tells that to the other side alone, and folders once they are empty."""
    bound, allowed = local.config["maxDelete"], 0
    for _ in range(PASSES):
        done = told(local, host, passes(local, host, allowed, rules, only_deletes))
        if not 0 < done.skipped <= bound:
            break
        allowed = bound
    return done


def told(local: Local, host: str, done: Done) -> Done:
    """With what the other side alone knows of it."""
    received = greeted(local, host)["received"]
    if done.ok:
        return done._replace(skipped=received["skipped"])
    return done._replace(said=received["said"] or done.said)


def passes(local: Local, host: str, deletes: int, rules: list[bytes] | None, only_deletes: bool = False) -> Done:
    if not local.marked():
        raise Failed(f"{local.unmarked()} Nothing goes to {host}", LATER)
    return push(local, host, deletes, rules, only_deletes)


def greeted(local: Local, host: str) -> dict:
    try:
        peer = sync_ask.hello(local, host)
    except sync_ask.Unreachable as error:
        raise Failed(str(error), SOON) from None
    if not peer["marker"]:
        raise Failed(f"{local.path} on {host} has no marker: is it mounted? Nothing goes there", LATER)
    return peer


def judge(local: Local, host: str, done: Done) -> None:
    if done.skipped:
        bound = local.config["maxDelete"]
        raise Failed(
            f"{done.skipped} files would be deleted at {host}, more than maxDelete ({bound}): none of them was",
            *(LATER, False, done.skipped),
        )
    if done.ok:
        return
    if done.without_room:
        raise Failed(f"the disk of {host} is full: {done.reason()}", LATER)
    raise Failed(f"{host}: {done.reason()}", SOON if done.code in LOST else LATER)


def tell(local: Local, text: str) -> None:
    print(f"evenkeel: sync {local.name}: {text}", file=sys.stderr, flush=True)
