"""Whose turn it is: a row in the application's own schema, which the one writer of its cluster has, tells who is at work."""

import contextlib
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import app_process
import pymysql
from calendar_slots import last_slot

# A host that has not said for so long that it is at work is not; in seconds.
LEASE_S = 60
RENEWS_S = 10
# Whoever could not say so for this long has ended what it runs, before another one begins.
GIVES_UP_S = 45
LOOKS_S = 3
# A fail-over of the database is over by then.
DATABASE_S = 50

TABLE = """CREATE TABLE IF NOT EXISTS evenkeel_jobs (
    app VARCHAR(64) NOT NULL, job VARCHAR(64) NOT NULL,
    slot VARCHAR(80) NOT NULL DEFAULT '', host VARCHAR(64), run CHAR(32),
    until DATETIME(3), ended DATETIME, status INT,
    PRIMARY KEY (app, job)) ENGINE=InnoDB"""
ROW = "INSERT IGNORE INTO evenkeel_jobs (app, job) VALUES (%s, %s)"
TAKE = """UPDATE evenkeel_jobs SET slot = %(slot)s, host = %(host)s, run = %(run)s, status = NULL, ended = NULL,
    until = UTC_TIMESTAMP(3) + INTERVAL %(lease)s SECOND
    WHERE app = %(app)s AND job = %(job)s AND (until IS NULL OR until < UTC_TIMESTAMP(3) OR run = %(run)s) AND """
# One whose answer was lost may be asked again. What is over is not begun again; what nobody is at work on any more is.
TAKE_JOB = TAKE + "(slot < %(slot)s OR slot = %(slot)s AND status IS NULL)"
# A version may come back, and what has failed is tried again, after a while.
TAKE_SETUP = TAKE + "(slot <> %(slot)s OR status IS NULL OR status <> 0 AND ended < UTC_TIMESTAMP() - INTERVAL 20 SECOND)"
KEEP = "UPDATE evenkeel_jobs SET until = UTC_TIMESTAMP(3) + INTERVAL %s SECOND WHERE app = %s AND job = %s AND run = %s AND until IS NOT NULL"
LEAVE = "UPDATE evenkeel_jobs SET until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE app = %s AND job = %s AND run = %s"
END = "UPDATE evenkeel_jobs SET until = NULL, ended = UTC_TIMESTAMP(), status = %s WHERE app = %s AND job = %s AND run = %s"
LOOK = "SELECT slot, host, status, ended, until > UTC_TIMESTAMP(3), TIMESTAMPDIFF(SECOND, ended, UTC_TIMESTAMP()) FROM evenkeel_jobs WHERE app = %s AND job = %s"

TIMED_OUT = 124
# No job's name.
SETUP = "(setup)"
SETUP_S = 3600


class Failed(Exception):
    """What a person reads."""


@contextlib.contextmanager
def connected(config: dict) -> Iterator[pymysql.cursors.Cursor]:
    connection = pymysql.connect(
        read_default_file=config["optionFile"],
        database=config["schema"],
        autocommit=True,
        connect_timeout=3,
        read_timeout=10,
        write_timeout=10,
        # Rows that a statement has found count, whether they differ or not.
        client_flag=pymysql.constants.CLIENT.FOUND_ROWS,
    )
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def asked(config: dict, statement: str, values: object = None) -> tuple[int, list]:
    """The database's answer, rows found and rows told; a fail-over is waited for."""
    deadline = time.monotonic() + DATABASE_S
    while True:
        try:
            with connected(config) as cursor:
                return cursor.execute(statement, values), list(cursor.fetchall())
        except pymysql.err.ProgrammingError:
            raise
        except (pymysql.MySQLError, OSError) as problem:
            if time.monotonic() > deadline:
                raise Failed(f"the database does not answer: {problem}") from problem
            time.sleep(1)


def make_row(config: dict, key: tuple[str, str]) -> None:
    try:
        asked(config, ROW, key)
    except pymysql.err.ProgrammingError:
        # Not beforehand: each member of a Galera cluster stops for a definition.
        asked(config, TABLE)
        asked(config, ROW, key)


def job(config: dict, name: str) -> int:
    if name not in config["jobs"]:
        raise Failed(f"there is no job {name}; there are: {', '.join(config['jobs']) or 'none'}")
    wanted = config["jobs"][name]
    turn = Turn(config, name, last_slot(wanted["schedule"], datetime.now(UTC)))
    # What another host has done is its own to tell.
    return turn.work(wanted["command"], wanted["timeout"]) if turn.take(TAKE_JOB) else 0


def setup(config: dict) -> int:
    turn = Turn(config, SETUP, config["version"])
    return turn.work(config["setup"], SETUP_S) if turn.take(TAKE_SETUP, again=True) else 0


class Turn:
    """One piece of work, `slot`: the hosts that have it at the same time do it once."""

    def __init__(self, config: dict, name: str, slot: str):
        self.config = config
        self.key = (config["app"], name)
        self.slot = slot
        self.run = uuid.uuid4().hex
        self.values = {"app": config["app"], "job": name, "slot": slot, "host": config["host"], "run": self.run, "lease": LEASE_S}

    def take(self, statement: str, *, again: bool = False) -> bool:
        """Whether it is this host's; if not, no other one is at it any more. What has failed may be done `again`."""
        make_row(self.config, self.key)
        waits_for = None
        while not asked(self.config, statement, self.values)[0]:
            slot, host, status, _, busy, _ = self.row()
            if busy:
                if waits_for is None:
                    say(f"{host} is at work")
                    waits_for = slot
                time.sleep(LOOKS_S)
                slot, _, status, _, _, _ = self.row()
                if not again and waits_for != self.slot and (slot != waits_for or status is not None):
                    say("the former run was at work still: this one is skipped")
                    return False
            elif again and status:
                time.sleep(LOOKS_S)
            elif status is not None:
                say(f"{host} has done it" if status == 0 else f"on {host} it has ended with {status}")
                return False
        return True

    def row(self) -> tuple:
        return asked(self.config, LOOK, self.key)[1][0]

    def work(self, command: list[str], timeout: int) -> int:
        def told_to_end(*_: object) -> None:
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, told_to_end)
        process = app_process.start(self.config, command)
        try:
            status = self.watch(process, timeout)
        except KeyboardInterrupt:
            say("told to end: another host goes on")
            app_process.end(process)
            # As if its host had died, and nobody has to wait for that.
            asked(self.config, LEAVE, (*self.key, self.run))
            return 1
        finally:
            app_process.end(process)
        asked(self.config, END, (status, *self.key, self.run))
        return status

    def watch(self, process: subprocess.Popen, timeout: int) -> int:
        began = renewed = time.monotonic()
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(RENEWS_S)
            now = time.monotonic()
            if now - began > timeout:
                say(f"not done after {timeout} s: it is ended")
                return TIMED_OUT
            if self.renews():
                renewed = now
            elif now - renewed > GIVES_UP_S:
                app_process.end(process)
                raise Failed("the database has not answered for so long that another host may have begun: what was at work here is ended")

    def renews(self) -> bool:
        try:
            with connected(self.config) as cursor:
                return bool(cursor.execute(KEEP, (LEASE_S, *self.key, self.run)))
        except (pymysql.MySQLError, OSError) as problem:
            say(f"the database does not answer: {problem}")
            return False


def last(config: dict, name: str) -> tuple[str, bool]:
    try:
        with connected(config) as cursor:
            cursor.execute(LOOK, (config["app"], name))
            rows = list(cursor.fetchall())
    except (pymysql.MySQLError, OSError) as problem:
        return f"the database does not answer: {problem}", False
    if not rows or rows[0][1] is None:
        return "not yet run", True
    _, host, status, _, busy, seconds = rows[0]
    if busy:
        return f"at work on {host}", True
    if status is None:
        return f"not ended, on {host}", False
    how = "well" if status == 0 else f"failed with {status}"
    return f"{how} on {host} {ago(seconds)} ago", status == 0


def ago(seconds: int) -> str:
    for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
