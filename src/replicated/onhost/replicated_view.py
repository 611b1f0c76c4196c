"""What a member knows of itself and of the others; shared by the loop and the threads that answer."""

import threading
import time
from dataclasses import replace

from member_peers import Line, Peers
from member_roll import Roll
from replicated_history import newest_history, of_history
from replicated_member import Member, latest, leader_of, parse, unaided
from replicated_membership import in_force
from replicated_replica import is_readable
from replicated_state import MariaDb, Run, look, memory
from replicated_voters import Voters

INTERVAL = 0.25
# Older than this, what was seen is no answer: MariaDB hangs, or a member is not heard.
STALE = 1.5
PORTS = (3306, 9200)


class View:
    def __init__(self, config: dict):
        self.config = config
        self.database = MariaDb()
        self.durable = memory()
        self.run = Run()
        self.roll = Roll("replicated", PORTS, config)
        self.peers = Peers(config, self.roll.addresses)
        # Held by whoever changes what was promised, or whom this member follows.
        self.lock = threading.Lock()
        # Held by whoever writes on this member's own behalf.
        self.writing = threading.Lock()
        self.wake = threading.Event()
        self.me = Member(config["name"], "starting")
        self.others: dict[str, Member | None] = {}
        # What each other member said last, and when.
        self.heard: dict[str, tuple[float, Member | None]] = {}
        self.pollers: dict[str, threading.Thread] = {}
        self.seen = 0.0
        self.primary_seen = float("-inf")
        # What a person asked for: "", "promote" or "reseed".
        self.wish = ""
        self.wish_until = 0.0
        self.primary_majority_seen = 0.0
        self.yields_to = ""
        self.readable = False
        # For which MariaDB, and for which members, the users for replication are there; one at a time sees to that.
        self.admitted: dict | None = None
        self.admitting = threading.Lock()
        # As far as it knows, and of which set it knows as the primary that it holds.
        self.voters = in_force([self.me], config["members"])
        self.held: tuple[int, int] | None = None
        # Since when it follows whom it follows.
        self.followed = time.monotonic()
        # Of a primary: whether others may rely on it that its writes wait; None is as MariaDB has it.
        self.waits: bool | None = None
        # Of a primary: whom it is about to take the vote, and what it is to change.
        self.barred = ""
        self.changing = ""

    def look(self) -> Member:
        """At this host alone."""
        silent = min(time.monotonic() - self.primary_seen, 1e6)
        found = look(self.config, self.database, self.durable, self.run, self.yields_to)
        settled = found.leads > 0 and found.voters.age == self.held
        told = {"settled": settled, "changing": self.changing if found.leads else "", "peers": self.roll.own}
        if found.leads:
            told["semisync"] = found.semisync and self.waits is not False
        return replace(found, silent=silent, readable=self.readable, **told)

    def own_voters(self) -> Voters:
        """The newest set that it was told."""
        return Voters.of(self.durable["voters"])

    def read(self, config: dict) -> None:
        self.roll.read(config)
        self.meet()

    def meet(self) -> None:
        self.peers = Peers(self.config, self.roll.addresses)

    def hear(self, name: str, member: Member | None) -> None:
        self.heard[name] = (time.monotonic(), member)

    def poll(self, name: str) -> None:
        """A thread for each other member: one that does not answer must not keep the others from being heard."""
        line = Line(self.peers, name)
        while name in self.peers.names:
            if line.peers is not self.peers:
                line = Line(self.peers, name)
            self.hear(name, parse(line.ask("/state")))
            time.sleep(INTERVAL)
        del self.pollers[name]

    def news(self) -> dict[str, Member | None]:
        for name in self.peers.names:
            if name not in self.pollers:
                self.pollers[name] = threading.Thread(target=self.poll, args=(name,), daemon=True)
                self.pollers[name].start()
        recent = time.monotonic() - STALE
        heard = {name: self.heard.get(name, (0.0, None)) for name in self.peers.names}
        return {name: member if when > recent else None for name, (when, member) in heard.items()}

    def refresh(self) -> None:
        """The others first: what this member holds is then at least what the primary had when it was asked."""
        news = self.news()
        me = self.look()
        self.greet(me, [member for member in news.values() if member])
        self.durable.hear(newest_history([me, *(member for member in news.values() if member)]))
        me = replace(me, newest=self.durable["newest"])
        self.others = of_history(me.newest, news)
        now = time.monotonic()
        answering = [me, *(member for member in self.others.values() if member)]
        if me.history == me.newest:
            self.durable.learn({epoch: entry for member in answering for epoch, entry in member.epochs.items()})
        leader = leader_of(answering)
        if leader:
            self.primary_seen = self.heard[leader.name][0] if leader.name in self.heard else now
        elif self.primary_is_down():
            self.primary_seen = float("-inf")
        answering_names = {member.name for member in answering}
        if len(answering_names.intersection(self.voters.names)) >= self.voters.majority:
            self.primary_majority_seen = now
        self.readable = me.history == me.newest and is_readable(me, self.others, self.config["maxLag"], self.readable)
        self.me, self.seen = (self.look() if me.process == "stopped" else replace(me, readable=self.readable), now)

    def greet(self, me: Member, answering: list[Member]) -> None:
        self.voters = in_force([me, *answering], self.config["members"])
        self.roll.hear({member.name: member.peers for member in answering}, self.voters.names)
        if self.roll.addresses != self.peers.addresses:
            self.meet()
        self.roll.admit()

    def primary_is_down(self) -> bool:
        """Said by its own host: nobody has to wait."""
        entry = self.durable["epochs"].get(str(latest(self.durable["epochs"])))
        if entry and entry[0] == self.config["name"]:
            return True
        former = self.others.get(entry[0]) if entry else None
        return former is not None and former.process == "stopped"

    def problem(self, path: str) -> str | None:
        """Why HAProxy should not use this member, for writes or for reads."""
        now = time.monotonic()
        if now - self.seen > STALE:
            return "MariaDB does not answer"
        if self.me.process != "running":
            return f"MariaDB is {self.me.process}"
        if self.me.history < self.me.newest:
            return "its rows are of before a restore"
        if path == "/write":
            if not self.me.leads:
                return "not the primary"
            if now - self.primary_majority_seen > self.config["suspectTimeout"] and not unaided(self.me):
                return "no majority of the voters answers"
        elif not self.readable:
            return f"lags {self.me.lag} s" if self.me.lag is not None else "replicates from nobody"
        return None
