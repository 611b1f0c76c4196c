"""Which member takes the writes. All members read it from a row of their own, so they agree as they do on every row: two that
claim it at once are two writes of one row. Whoever has it keeps it until it cannot serve; who returns does not take it back.
All others are read-only, so that a session that was left behind writes nothing. Who is to give it away (next) closes itself
first; one that drains lets its sessions write until it stops."""

import time

import pymysql
from galera_decision import Member, problem_of
from galera_members import Members, parse
from galera_state import Observer
from member_peers import Line, RefusedError

# Seconds. So long a writer that is still there does not serve before another takes its place.
UNWELL_SECONDS = 1.0
# Who comes later in the list leaves the others so much time each.
TURN_SECONDS = 0.5
# And a new cluster's members more: the first one is to begin, though another one may be up before it.
FIRST_TURN_SECONDS = 10
READ = "SELECT name, next, @@global.read_only FROM evenkeel.writer"
PREPARE = [
    "CREATE DATABASE IF NOT EXISTS evenkeel",
    "CREATE TABLE IF NOT EXISTS evenkeel.writer (one BOOLEAN PRIMARY KEY, name VARCHAR(255) NOT NULL, next VARCHAR(255) NOT NULL DEFAULT '') CHARACTER SET ascii ENGINE=InnoDB",
]


def may_write(member: Member | None) -> bool:
    return not problem_of(member) and not member.draining and not member.full


def heir(order: list[str], members: dict[str, Member | None]) -> str | None:
    """To whom a writer that leaves gives it."""
    return next((name for name in order if may_write(members.get(name))), None)


def turn(me: str, writer: str, order: list[str], present: set[str]) -> float:
    """Seconds after which this member takes what the writer has left, or nobody has had yet."""
    if not writer:
        return order.index(me) * FIRST_TURN_SECONDS if me in order else float("inf")
    others = [name for name in order if name in present and name != writer]
    return others.index(me) * TURN_SECONDS if me in others else float("inf")


class Writer:
    """What the daemon knows of it from look to look."""

    def __init__(self, observer: Observer):
        self.observer = observer
        self.name = self.next = ""
        self.closed = True
        self.line: Line | None = None
        # Since when the writer is not there, or does not serve.
        self.gone: float | None = None
        self.unwell: float | None = None

    def look(self, me: Member, members: Members) -> str:
        """Its name, as the members' rows have it; takes it if nobody has it."""
        if problem_of(me):
            self.gone = self.unwell = None
            return ""
        try:
            self.read()
            if may_write(me) and self.is_mine_to_take(me, members):
                self.claim(me.name)
                self.read()
            if not me.draining:
                self.open_or_close(me)
        except (pymysql.Error, OSError):
            # Another one was first, or MariaDB is in the middle of something: the next look tells.
            return self.name
        return self.name

    def read(self) -> None:
        try:
            found = self.observer.query(READ)
        except pymysql.Error as error:
            if error.args[0] not in (1049, 1146):
                raise
            for statement in PREPARE:
                self.observer.query(statement)
            found = []
        name, self.next, self.closed = found[0] if found else ("", "", True)
        self.follow(name)

    def open_or_close(self, me: Member) -> None:
        if self.name == me.name and self.next:
            self.observer.query("SET GLOBAL read_only = 1")
            self.observer.query(f"UPDATE evenkeel.writer SET name = next, next = '' WHERE name = '{me.name}'")
            self.read()
        elif self.name == me.name and self.closed:
            self.observer.query("SET GLOBAL read_only = 0")
        elif self.name not in ("", me.name) and not self.closed:
            self.observer.query("SET GLOBAL read_only = 1")

    def follow(self, name: str) -> None:
        if name != self.name:
            self.name, self.line = name, None
            self.gone = self.unwell = None

    def claim(self, name: str) -> None:
        if self.name:
            self.observer.query(f"UPDATE evenkeel.writer SET name = '{name}', next = '' WHERE name = '{self.name}'")
        else:
            self.observer.query(f"INSERT IGNORE INTO evenkeel.writer (one, name) VALUES (TRUE, '{name}')")

    def is_mine_to_take(self, me: Member, members: Members) -> bool:
        if self.name == me.name:
            return False
        now = time.monotonic()
        addresses = members.peers.addresses | {me.name: me.address}
        present = {name for name, address in addresses.items() if address in me.view}
        if self.name in present and self.serves(members):
            self.gone = self.unwell = None
            return False
        self.unwell = self.unwell or now
        if self.name in present and now - self.unwell < UNWELL_SECONDS:
            return False
        self.gone = self.gone or now
        return now - self.gone >= turn(me.name, self.name, members.config["members"], present)

    def serves(self, members: Members) -> bool:
        """Asked of itself: one that drains gives it away by itself."""
        self.line = self.line or Line(members.peers, self.name, timeout=0.5)
        state = self.line.ask("/state")
        return state is not None and not problem_of(parse(state))


def ask_for(observer: Observer, to: str) -> None:
    """The writer gives it away when it has read that."""
    try:
        observer.query(f"UPDATE evenkeel.writer SET next = '{to}' WHERE name <> '{to}'")
    except (pymysql.Error, OSError) as error:
        raise RefusedError(f"MariaDB does not serve on this member: {error}") from error


def hand_over(me: Member, observer: Observer, members: Members) -> None:
    """Before this member leaves, so that new sessions find another one at once; where there is none, it stays the writer's."""
    try:
        found = observer.query(READ)
        if not found or found[0][0] != me.name:
            return
        to = heir(members.config["members"], members.others())
        if to:
            observer.query(f"UPDATE evenkeel.writer SET name = '{to}', next = '' WHERE name = '{me.name}'")
    except (pymysql.Error, OSError):
        # It leaves anyway, and the others see that.
        return
