"""What a host of a two-way sync does all the time: asks the others, decides who is the centre, and acts as that says."""

import os
import time

import sync_unfinished
from sync_centre import (
    SILENT_SECONDS,
    Decision,
    Host,
    decide,
    may_complete,
    said,
    say,
)
from sync_exchange import Exchange
from sync_links import Link
from sync_local import Local, lock
from sync_pairs import Pairs
from sync_peer import daemon_file, end_served, hold, served

# A centre gives its place back to a former one that has been well so long, and twice as long after each change.
STEADY_SECONDS = 60.0
LONGEST_STEADY = 3600.0
REMEMBERED_SECONDS = 7200.0


class Daemon:
    def __init__(self, local: Local) -> None:
        self.local = local
        self.name = local.config["host"]
        self.order = local.config["hosts"]
        self.links = {peer: Link(local, peer) for peer in self.order if peer != self.name}
        self.exchanges: dict[str, Exchange] = {}
        self.pairs = Pairs(local)
        self.decision = Decision("wait", "it has just begun")
        # The lock of the exchange, while this host is the centre.
        self.held: int | None = None
        self.claims: list[float] = []
        self.completed = 0.0
        self.running: int | None = None
        self.told: dict = {}
        # Whose exchange this host has admitted, and since when.
        self.served_by: tuple[str | None, float] = None, 0.0

    def begin(self) -> None:
        os.makedirs(self.local.run, exist_ok=True)
        self.running = lock(daemon_file(self.local), 10)
        if self.running is None:
            raise OSError("another sync-exchange runs")
        if not self.local.has("began"):
            self.local.mark()
            self.local.touch("began")
        for link in self.links.values():
            link.want(True)
            link.start()

    def tick(self) -> None:
        me, others = self.me(), [self.host(link) for link in self.links.values()]
        decision = decide(me, others, self.order, self.patience())
        if (decision.action, decision.of) != (self.decision.action, self.decision.of):
            print(f"{decision.action}: {decision.reason}", flush=True)
        self.decision = decision
        if decision.action == "lead":
            self.lead(me, others)
        else:
            self.stand_by(decision)
        self.say()

    def me(self) -> Host:
        return Host(
            name=self.name,
            marker=self.local.marked(),
            complete=self.local.has("complete"),
            centre=self.held is not None,
            exchanges=self.exchanging(),
        )

    def exchanging(self) -> tuple[str, ...]:
        return tuple(peer for peer, exchange in self.exchanges.items() if exchange.whole_since is not None)

    def host(self, link: Link) -> Host:
        answer = link.answer
        exchange = self.exchanges.get(link.peer)
        return Host(
            name=link.peer,
            there=link.answered is not None and link.silent() < SILENT_SECONDS,
            silent=link.silent(),
            marker=bool(answer.get("marker")),
            complete=bool(answer.get("complete")),
            daemon=bool(answer.get("daemon", True)),
            centre=bool(answer.get("centre")),
            exchanges=tuple(answer.get("exchanges", ())),
            steady=exchange.steady() if exchange else 0.0,
        )

    def patience(self) -> float:
        self.claims = [at for at in self.claims if time.monotonic() - at < REMEMBERED_SECONDS]
        return min(STEADY_SECONDS * 2 ** max(0, len(self.claims) - 1), LONGEST_STEADY)

    def lead(self, me: Host, others: list[Host]) -> None:
        if self.held is None and not self.claim():
            return
        for peer, link in self.links.items():
            link.want(True)
            if peer not in self.exchanges:
                self.exchanges[peer] = Exchange(self.local, self.pairs, link)
                self.exchanges[peer].start()
        self.complete(me, others)

    def claim(self) -> bool:
        """Whoever exchanged with this host is no centre any more, as it was decided."""
        end_served(self.local)
        try:
            self.held = hold(self.local, self.name)
        except OSError as error:
            print(error, flush=True)
            return False
        sync_unfinished.clear(self.local.path)
        self.claims.append(time.monotonic())
        self.pairs.load()
        self.pairs.begin()
        return True

    def complete(self, me: Host, others: list[Host]) -> None:
        """The first copy of this host, then of those that have it from here."""
        whole = set(self.exchanging())
        if not me.complete:
            if may_complete(me, others, whole):
                self.local.touch("complete")
                self.completed = time.monotonic()
                print("its copy is complete", flush=True)
            return
        for other in others:
            exchange = self.exchanges[other.name]
            if other.complete or not other.there or exchange.whole_since is None or exchange.told_complete:
                continue
            if exchange.whole_began < self.completed:
                # What others had has come here since.
                exchange.anew.set()
            elif self.links[other.name].tell("complete"):
                exchange.told_complete = True
                print(f"{other.name}: its copy is complete", flush=True)

    def stand_by(self, decision: Decision) -> None:
        self.stop()
        by = served(self.local)
        followed = self.links.get(decision.of) if decision.action == "follow" else None
        well = followed and followed.answered is not None and followed.silent() < SILENT_SECONDS / 2
        for peer, link in self.links.items():
            link.want(not well or peer in (decision.of, by))
        if by != self.served_by[0]:
            self.served_by = by, time.monotonic()
        if by in self.links and time.monotonic() - self.served_by[1] >= SILENT_SECONDS:
            link = self.links[by]
            if link.silent() >= SILENT_SECONDS or (link.answered is not None and not link.answer.get("centre")):
                print(f"{by} is no centre any more: what it has begun here is ended", flush=True)
                end_served(self.local)
        if followed and well:
            self.note(followed)

    def note(self, centre: Link) -> None:
        """What the centre says of its exchange with this host."""
        record = centre.answer.get("runs", {}).get(self.name)
        if record and record != self.told:
            self.told = record
            self.local.keep(f"runs/{centre.peer}.json", record)

    def stop(self) -> None:
        for exchange in self.exchanges.values():
            exchange.ending.set()
        for exchange in self.exchanges.values():
            exchange.join()
        self.exchanges = {}
        if self.held is not None:
            os.close(self.held)
            self.held = None

    def say(self) -> None:
        record = {
            "centre": self.held is not None,
            "follows": self.decision.of if self.decision.action == "follow" else None,
            "reason": self.decision.reason,
            "exchanges": list(self.exchanging()),
            "runs": {peer: self.local.read(f"runs/{peer}.json") for peer in self.exchanges},
        }
        if record != said(self.local):
            say(self.local, record)

    def end(self) -> None:
        self.stop()
        for link in self.links.values():
            link.ended.set()
            link.wanted.set()
        for link in self.links.values():
            link.join(2)
