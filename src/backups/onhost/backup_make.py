"""Makes a backup: mariabackup's stream goes to restic as it comes, is read back, and only then counts as one."""

import argparse
import contextlib
import hashlib
import json
import random
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import backup_binlogs
from backup_kinds import kind_of
from backup_storage import STREAM, Backup, Failed, Storage, interrupt, state_file
from backup_turn import (
    PATIENCE,
    ask,
    begun_for,
    is_due,
    made_for,
    superfluous,
)
from calendar_slots import last_slot

LOOK_SECONDS = 30
# Whoever waits for its turn gives up then; the next night is another one's.
GIVE_UP = timedelta(hours=6)
CHUNK = 1 << 20


def nightly(config: dict, storage: Storage, _: argparse.Namespace) -> None:
    """Every member runs this at the same time; one of them makes the backup, and the others wait until it is whole."""
    slot = last_slot(config["schedule"], datetime.now(UTC))
    since = time.monotonic()
    # What others have streamed and not yet read back, and when that was first seen.
    begun: dict[str, float] = {}
    while True:
        moment = time.monotonic()
        snapshots = look(storage)
        made = made_for(slot, snapshots)
        if made:
            return say(f"{made.member} made the backup of {slot}: {made.name}")
        begun = {each.id: begun.get(each.id, moment) for each in begun_for(slot, config["name"], snapshots)}
        # A member that has died leaves it so; one that lives needs no such time from one step to the next.
        abandoned = all(moment - seen > PATIENCE.total_seconds() for seen in begun.values())
        due = is_due(config["name"], config["members"], ask(config), timedelta(seconds=moment - since))
        if abandoned and due and attempt(config, storage, slot, set(begun)):
            return None
        if timedelta(seconds=moment - since) > GIVE_UP:
            raise Failed(f"no backup of {slot}: no member made one in {GIVE_UP}")
        # Two that have stepped back for each other do not meet again.
        time.sleep(random.uniform(0.5, 1.5) * LOOK_SECONDS)


def look(storage: Storage) -> list[Backup]:
    try:
        return storage.snapshots()
    except Failed as failure:
        # It is the concern of the member whose turn it is.
        say(f"the storage cannot be looked at: {failure}")
        return []


def now(config: dict, storage: Storage, _: argparse.Namespace) -> None:
    if not attempt(config, storage, "by-hand"):
        raise Failed(f"another backup is under way ({', '.join(at_work(storage))}): wait until it has ended")


def attempt(config: dict, storage: Storage, slot: str, abandoned: frozenset[str] | set[str] = frozenset()) -> bool:
    """Makes a backup unless another member is at it; what was `abandoned` is nobody's work."""
    started = datetime.now(UTC)
    try:
        backup = make(config, storage, slot, abandoned)
        if backup is None:
            return False
        keep_the_newest(config, storage)
        note(config, started, True, backup.name)
        say(f"{backup.name} is whole: {backup.bytes} bytes, read back")
        return True
    except (Failed, OSError) as failure:
        note(config, started, False, str(failure))
        raise Failed(str(failure)) from failure


def make(config: dict, storage: Storage, slot: str, abandoned: frozenset[str] | set[str]) -> Backup | None:
    storage.begin()
    tags = ["--tag", "unverified", "--tag", f"slot={slot}"]
    words = ["backup", "--stdin", "--stdin-filename", STREAM, "--host", config["name"], *tags]
    # Its lock is the claim: whoever sees another's claim after its own was made steps back, so never two go on.
    restic = storage.start(*words, f"--compression={config['compression']}", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        claim(storage, restic)
        others = rivals(config["name"], storage, restic, slot, abandoned)
        if others:
            say(f"{others[0]} is at work in the storage: this member steps back")
            return None
        say(f"streaming the database of {config['name']} to the storage")
        digest, size = stream(config, restic)
    finally:
        if restic.poll() is None:
            interrupt(restic)
    made = newest_of(storage, config["name"], slot)
    say(f"reading {size} bytes back")
    read_back(storage, made, digest)
    rival = made_for(slot, storage.snapshots())
    if rival and slot != "by-hand":
        storage.forget([made])
        raise Failed(f"{rival.member} has made the backup of {slot} meanwhile: this one is dropped")
    storage.write_protected("tag", "--set", f"whole,slot={slot},bytes={size},sha256={digest}", made.id)
    return newest_of(storage, config["name"], slot)


def claim(storage: Storage, restic: subprocess.Popen, seconds: float = 120) -> None:
    """Waits until restic's lock is in the storage, for all to see."""
    deadline = time.monotonic() + seconds
    while not any(lock["pid"] == restic.pid and lock["hostname"] == socket.gethostname() for lock in storage.locks()):
        if restic.poll() is not None:
            raise Failed(f"restic: {restic.stderr.read().decode().strip()}")
        if time.monotonic() > deadline:
            raise Failed(f"the storage has not let restic in for {seconds:.0f} s")
        time.sleep(1)


def rivals(me: str, storage: Storage, restic: subprocess.Popen, slot: str, abandoned: frozenset[str] | set[str]) -> list[str]:
    """Who else is at it, or has done it: told by locks and, as no lock is held between two steps, by snapshots."""
    locks = [lock["hostname"] for lock in storage.locks() if lock["pid"] != restic.pid]
    if slot == "by-hand":
        return locks
    snapshots = storage.snapshots()
    made = made_for(slot, snapshots)
    begun = [each.member for each in begun_for(slot, me, snapshots) if each.id not in abandoned]
    return [*locks, *([made.member] if made else []), *begun]


def stream(config: dict, restic: subprocess.Popen) -> tuple[str, int]:
    """restic sees the end of the stream only when mariabackup says that all went well."""
    kind = kind_of(config)
    words = ["mariabackup", "--backup", "--stream=mbstream", "--user=root", *kind.backup_options]
    kind.before_backup()
    try:
        with Path(f"/run/evenkeel/mariabackup-{config['backups']}.log").open("w+b") as log:
            source = subprocess.Popen([*words, "--target-dir=/var/tmp"], stdout=subprocess.PIPE, stderr=log)
            try:
                digest, size = pump(source.stdout, restic.stdin)
            except BrokenPipeError:
                raise Failed(f"restic: {restic.stderr.read().decode().strip()}") from None
            finally:
                source.stdout.close()
                if source.wait() != 0:
                    log.seek(0)
                    raise Failed(f"mariabackup failed:\n{tail(log.read().decode(errors='replace'))}")
    finally:
        kind.after_backup()
    restic.stdin.close()
    message = restic.stderr.read().decode().strip()
    if restic.wait() != 0:
        raise Failed(f"restic: {message}")
    return digest, size


def pump(source: BinaryIO, *sinks: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        for sink in sinks:
            sink.write(chunk)
    for sink in sinks:
        sink.flush()
    return digest.hexdigest(), size


def read_back(storage: Storage, made: Backup, digest: str) -> None:
    restic = storage.start("dump", made.id, f"/{STREAM}", stdout=subprocess.PIPE)
    found, _ = pump(restic.stdout)
    message = restic.stderr.read().decode().strip()
    if restic.wait() != 0 or found != digest:
        raise Failed(f"what was read back from the storage is not what was written: {message}")


def newest_of(storage: Storage, member: str, slot: str) -> Backup:
    return [each for each in storage.snapshots() if each.member == member and each.tag("slot") == slot][-1]


def keep_the_newest(config: dict, storage: Storage) -> None:
    """Older ones go only now that a newer one is whole, and with them what cut-off runs have left."""
    snapshots = storage.snapshots()
    newest = [each for each in snapshots if each.whole][-1]
    cut_off = [each for each in snapshots if not each.whole and each.time < newest.time]
    storage.forget([*superfluous(snapshots, config["keep"]), *cut_off])
    storage.write_protected("prune")
    backup_binlogs.keep_the_newest(config)


def release(config: dict, *_: object) -> None:
    """After a backup, however it ended."""
    kind_of(config).after_backup()


def at_work(storage: Storage) -> list[str]:
    return sorted({lock["hostname"] for lock in storage.locks()})


def note(config: dict, started: datetime, good: bool, result: str) -> None:
    last = state_file(config, "last.json")
    last.parent.mkdir(parents=True, exist_ok=True)
    last.write_text(json.dumps({"started": started.isoformat(), "good": good, "result": result}))


def tail(text: str, lines: int = 8) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def say(text: str) -> None:
    """Whoever listened may have gone; what has begun is finished."""
    with contextlib.suppress(BrokenPipeError):
        print(text, file=sys.stderr, flush=True)
