"""A member that cannot follow from where it is gets a copy of another one, while that serves on."""

import logging
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPException
from io import BufferedReader
from pathlib import Path

import member_boot
from replicated_history import DATA, NO_ROWS, history_of, keep_history
from replicated_member import Member, leader_of
from replicated_replica import ENVIRONMENT, known

# Of the same file system as the data directory, so that they change places at once.
SEED = DATA.with_name("mysql-seed")
FORMER = DATA.with_name("mysql-former")
ERRANT = Path("/var/lib/evenkeel/errant")
CHUNK = 1 << 16
SILENT_SECONDS = 30
log = logging.getLogger("replicated-member")


class SeedError(OSError):
    pass


def backup() -> Iterator[bytes]:
    """A copy of this host's data as a stream; whoever reads it is cut off if it does not become whole."""
    command = ["mariabackup", "--backup", "--stream=mbstream", "--user=root", "--target-dir=/tmp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # What it has to say fits a pipe only if somebody reads it.
        errors = subprocess.Popen(["tail", "-n", "5"], stdin=process.stderr, stdout=subprocess.PIPE, text=True)
        try:
            while chunk := read_in_time(process.stdout):
                yield chunk
        except BaseException:
            # Also when nobody reads on.
            process.kill()
            raise
        said, _ = errors.communicate()
        if process.wait() != 0:
            raise SeedError(f"mariabackup: {said.strip()}")


def read_in_time(stream: BufferedReader) -> bytes:
    """It goes quiet when it waits for a lock, at its end."""
    if not select.select([stream], [], [], SILENT_SECONDS)[0]:
        raise SeedError(f"mariabackup said nothing for {SILENT_SECONDS} s")
    return stream.read1(CHUNK)


def seed(view) -> None:
    """In place of what is here. Rows that only this host had go into a file, and are told of; rows of before a restore
    are kept as they are."""
    donor = choose_donor(view)
    log.info("copies the data of %s", donor.name)
    # It has no vote from here on, so the primary need not wait for what it acknowledges.
    view.durable.keep(formed=False, alone=False)
    member_boot.stop()
    former = history_of()
    if former == donor.history:
        save_errant(view)
    shutil.rmtree(SEED, ignore_errors=True)
    SEED.mkdir(mode=0o700)
    receive(view, donor.name)
    prepare()
    position = backup_position()
    keep_history(donor.history, SEED)
    subprocess.run(["chown", "-R", "mysql:mysql", str(SEED)], check=True)
    # Sequence numbers mean other rows in another history, and so do the epochs that begin at them.
    view.durable.keep(seeded=position, epochs=donor.epochs)
    if former in (donor.history, NO_ROWS):
        put_in_place(FORMER)
    else:
        aside = DATA.with_name(time.strftime("mysql.before-%Y%m%dT%H%M%SZ", time.gmtime()))
        view.durable.keep(errant=f"the rows that this host had before a restore are in {aside}, not merged")
        log.warning("%s", view.durable["errant"])
        put_in_place(aside)
    shutil.rmtree(FORMER, ignore_errors=True)
    ENVIRONMENT.unlink(missing_ok=True)
    log.info("copied the data of %s up to %s", donor.name, position)


def choose_donor(view) -> Member:
    """A replica rather than the primary: the copy takes its processor and its disk for a while."""
    members = [member for member in view.others.values() if member and member.process == "running"]
    leader = leader_of(members)
    replicas = [
        member
        for member in members
        if member.warm and member.io == member.sql == "Yes" and leader and member.follows_epoch == leader.leads
    ]
    if not replicas and not leader:
        raise SeedError("no other member has data to copy")
    # While it is on its way back, the primary's writes wait for it, and the copy's lock would keep it out.
    returning = [member.name for member in members if member.formed and not member.leads and member.io != "Yes"]
    if not replicas and returning:
        raise SeedError(f"waits until {returning[0]} follows the primary again")
    return replicas[0] if replicas else leader


def receive(view, donor: str) -> None:
    with (
        view.peers.open(donor, "/backup") as stream,
        subprocess.Popen(["mbstream", "--extract", f"--directory={SEED}"], stdin=subprocess.PIPE) as extract,
    ):
        try:
            shutil.copyfileobj(stream, extract.stdin, CHUNK)
        except HTTPException as error:
            raise SeedError(f"{donor} could not copy its data: see its journal") from error
        extract.stdin.close()
        if extract.wait() != 0:
            raise SeedError("mbstream failed: is the disk full?")


def prepare() -> None:
    command = ["mariabackup", "--prepare", f"--target-dir={SEED}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SeedError(f"mariabackup --prepare: {done.stderr.strip()[-500:]}")


def backup_position() -> str:
    for name in ("mariadb_backup_binlog_info", "xtrabackup_binlog_info"):
        path = SEED / name
        if path.exists():
            return path.read_text().split()[2]
    raise SeedError("the copy does not say up to where it goes")


def put_in_place(former: Path) -> None:
    shutil.rmtree(FORMER, ignore_errors=True)
    if DATA.exists():
        DATA.rename(former)
    SEED.rename(DATA)


def mend_place() -> None:
    """A host that lost power between the two renames has its former data back."""
    if not DATA.exists() and FORMER.exists():
        FORMER.rename(DATA)


def save_errant(view) -> None:
    after = last_common(view)
    logs = sorted(str(path) for path in DATA.glob("binlog.[0-9]*"))
    if not logs:
        return
    # One file at a time: a damaged one hides itself alone.
    server = view.config["serverId"]
    text = "".join(own_transactions(path, server) for path in logs)
    parts = re.split(r"(?=^#\d+ .*GTID 0-\d+-\d+)", text, flags=re.MULTILINE)
    found = [part for part in parts if is_own(part, server, after)]
    if not found:
        return
    ERRANT.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = ERRANT / time.strftime("%Y%m%dT%H%M%SZ.sql", time.gmtime())
    path.touch(mode=0o600)
    path.write_text("".join(found))
    view.durable.keep(errant=f"{len(found)} transactions that only this host had are in {path}, not merged")
    log.warning("%s", view.durable["errant"])


def own_transactions(path: str, server: int) -> str:
    command = ["mariadb-binlog", f"--server-id={server}", "--base64-output=decode-rows", "--verbose", path]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout


def is_own(part: str, server: int, after: int) -> bool:
    gtid = re.search(r"GTID 0-(\d+)-(\d+)", part)
    return bool(gtid) and int(gtid[1]) == server and int(gtid[2]) > after


def last_common(view) -> int:
    """The sequence number up to which this host's own writes are everybody's: where the next one's epoch began."""
    epochs = view.durable["epochs"]
    mine = [int(epoch) for epoch, (name, *_) in epochs.items() if name == view.config["name"]]
    later = [int(epoch) for epoch in epochs if int(epoch) > max(mine, default=0)]
    if not mine:
        return 0
    return epochs[str(min(later))][2] if later else 2**63


def cannot_follow(me: Member, view) -> bool:
    """The primary's log does not have what this member would go on from, or this one has what the primary lacks."""
    leader = leader_of(known(view))
    return bool(leader) and me.follows == leader.name and me.follows_epoch == leader.leads and me.errno in UNMENDABLE


# The primary's log no longer reaches back so far, or parts from this one; a write of this member's own is in the way.
UNMENDABLE = (1236, 1950)
