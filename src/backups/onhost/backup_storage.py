"""Where backups lie: a restic repository, in a folder of another host or in S3-compatible storage."""

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calendar_slots import NAME

# What a host knows of its backups, by their name.
STATE = Path("/var/lib/evenkeel/backups")
CACHE = Path("/var/cache/evenkeel-restic")
# restic refreshes its lock every 5 minutes, and takes one that is older than this for a dead process's.
STALE = timedelta(minutes=30)
# Of a stream that restic is given: its name in a snapshot.
STREAM = "database.mbstream"
LOCKED = "already locked"
DENIED = rb"(?i)denied|forbidden|does not match|access key|unable to open repository"
UNREADABLE = {"hostname": "a host that it does not tell", "pid": 0}


class Failed(Exception):
    """What a person reads."""


@dataclass(frozen=True)
class Backup:
    """A snapshot of the repository. Only one that carries the tag `whole` is a backup."""

    id: str
    time: datetime
    member: str
    tags: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.time.strftime(NAME)

    @property
    def whole(self) -> bool:
        return "whole" in self.tags

    @property
    def bytes(self) -> int:
        return int(self.tag("bytes") or 0)

    def tag(self, key: str) -> str | None:
        return next((tag.split("=", 1)[1] for tag in self.tags if tag.startswith(f"{key}=")), None)


class Storage:
    def __init__(self, config: dict, part: str = "backups"):
        self.config = config
        self.words = ["restic", "--quiet", "-r", f"{config['repository']}/{part}"]
        self.words += ["--password-file", config["password"], "--cache-dir", str(CACHE / config["backups"])]
        for option in config["options"]:
            self.words += ["-o", option]
        # The names of files, and how much memory it may waste: no secret is in the environment.
        self.env = os.environ | {"AWS_SHARED_CREDENTIALS_FILE": config.get("s3Credentials", "/dev/null"), "GOGC": "20"}

    def start(self, *words: str, **pipes: object) -> subprocess.Popen:
        return subprocess.Popen([*self.words, *words], env=self.env, stderr=subprocess.PIPE, **pipes)

    def run(self, *words: str, patience: float = 0, stdin: bytes = b"") -> str:
        """`patience` is how many seconds to wait for others to release the repository."""
        deadline = time.monotonic() + patience
        while True:
            done = subprocess.run([*self.words, *words], env=self.env, input=stdin, capture_output=True, check=False)
            if done.returncode == 0:
                return done.stdout.decode()
            message = done.stderr.decode().strip()
            if LOCKED not in message or time.monotonic() > deadline:
                raise Failed(f"restic {words[0]}: {message or f'ended with {done.returncode}'}")
            time.sleep(5)

    def exists(self) -> bool:
        try:
            # restic itself would try for minutes.
            subprocess.run([*self.words, "cat", "config", "--no-lock"], env=self.env, capture_output=True, check=True, timeout=20)
            return True
        except subprocess.TimeoutExpired as slow:
            raise Failed(f"the storage {self.config['repository']} has not answered for 20 s: {words_of(slow.stderr)}") from None
        except subprocess.CalledProcessError as failure:
            # As restic has it for both kinds of storage; everything else is a storage that does not let us in.
            if b"Is there a repository at the following location" in failure.stderr and not re.search(DENIED, failure.stderr):
                return False
            raise Failed(f"the storage {self.config['repository']}: {words_of(failure.stderr)}") from None

    def init(self) -> bool:
        """Whether the repository is a new one."""
        if self.exists():
            return False
        with self.making():
            if self.exists():
                return False
            self.run("init")
            return True

    @contextmanager
    def making(self) -> Iterator[None]:
        """One at a time of this host's programs: two that make the same repository leave one that no key opens."""
        folder = CACHE / self.config["backups"]
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "making").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def begin(self) -> None:
        """Before anything is written. A host with a folder may have been made anew since the repository was."""
        if self.init():
            print(f"there were no backups in {self.config['repository']} any more: they begin anew", file=sys.stderr, flush=True)
        self.run("unlock")

    def snapshots(self) -> list[Backup]:
        """The oldest first."""
        found = json.loads(self.run("snapshots", "--json", "--no-lock")) or []
        return sorted((parse(each) for each in found), key=lambda backup: backup.time)

    def backups(self) -> list[Backup]:
        return [backup for backup in self.snapshots() if backup.whole]

    def locks(self) -> list[dict]:
        """Who is at work in the repository."""
        found = [(each, self.lock(each)) for each in self.lock_ids()]
        # One that could not be read was released in between, or else is somebody's all the same.
        there = set(self.lock_ids()) if any(lock is None for _, lock in found) else set()
        return [lock or UNREADABLE for each, lock in found if (is_live(lock) if lock else each in there)]

    def lock_ids(self) -> list[str]:
        return self.run("list", "locks", "--no-lock").split()

    def lock(self, each: str) -> dict | None:
        words = [*self.words, "cat", "lock", each, "--no-lock"]
        try:
            # restic asks for a file that is gone for most of a minute.
            done = subprocess.run(words, env=self.env, capture_output=True, check=False, timeout=10)
        except subprocess.TimeoutExpired:
            return None
        return json.loads(done.stdout) if done.returncode == 0 else None

    def write_protected(self, *words: str) -> None:
        """A command that needs the repository for itself; locks of dead processes are in nobody's way."""
        self.run("unlock")
        self.run(*words, patience=600)

    def forget(self, backups: Iterable[Backup]) -> None:
        ids = [backup.id for backup in backups]
        if ids:
            self.write_protected("forget", *ids)


def state_file(config: dict, name: str) -> Path:
    return STATE / config["backups"] / name


def parse(snapshot: dict) -> Backup:
    when = datetime.fromisoformat(snapshot["time"]).astimezone(UTC)
    return Backup(snapshot["id"], when, snapshot["hostname"], tuple(snapshot.get("tags") or ()))


def words_of(stderr: bytes | None) -> str:
    return (stderr or b"").decode(errors="replace").strip() or "it said nothing"


def is_live(lock: dict) -> bool:
    if datetime.now(UTC) - datetime.fromisoformat(lock["time"]) > STALE:
        return False
    return lock["hostname"] != socket.gethostname() or Path(f"/proc/{lock['pid']}").exists()


def interrupt(process: subprocess.Popen) -> None:
    """Has restic end without a snapshot, and release its lock."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
