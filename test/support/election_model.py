"""A replicated cluster without hosts: the real decisions over made-up logs, in a network that parts as it likes.

election_model.py SEEDS STEPS prints what it did as JSON, or fails with the schedule's seed. It holds that
- whoever becomes the primary has every write that was ever acknowledged; after a restore, every one since,
- nobody becomes the primary with rows of before a restore,
- once everything works again there is one primary and everybody has its log.
"""

import json
import random
import sys
from dataclasses import replace

sys.path[:0] = ["src/replicated/onhost", "src/member/onhost"]
from replicated_decision import decide
from replicated_history import begun, newest_history, of_history
from replicated_member import Member, known_epochs, latest, leader_of
from replicated_quorum import election_problem, may_promise

ORDER = ["a", "b", "c"]
PATIENCE = 2.0


class Host:
    def __init__(self, name: str):
        self.name, self.id = name, ORDER.index(name) + 1
        self.log: list[tuple[int, int]] = []
        self.applied = self.committed = 0
        self.io = False
        self.silent = self.idle = 0.0
        self.heard: dict[str, Member | None] = {}
        # Of these, what is of the newest history.
        self.others: dict[str, Member | None] = {}
        self.state = Member(name, "stopped")

    def say(self) -> Member:
        server, sequence = (self.log[-1][0], len(self.log)) if self.log else (0, 0)
        return replace(self.state, position=(server, sequence), silent=self.silent)

    def change(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)

    def crash(self) -> None:
        if self.state.follows:
            # What was received and not applied is gone.
            del self.log[self.applied :]
        self.io = False
        self.change(process="stopped", leads=0, follows="", follows_epoch=0, warm=False)


class World:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.hosts = {name: Host(name) for name in ORDER}
        self.cut: set[frozenset[str]] = set()
        # What was acknowledged, in each history.
        self.acknowledged: dict[int, set[tuple[int, int, int]]] = {0: set()}
        self.newest_led = 0
        self.writes = self.elections = self.restores = 0

    def connected(self, one: str, other: str) -> bool:
        return frozenset((one, other)) not in self.cut

    def step(self) -> None:
        host = self.hosts[self.random.choice(ORDER)]
        other = self.hosts[self.random.choice([name for name in ORDER if name != host.name])]
        what = self.random.random()
        if what < 0.02:
            host.crash()
        elif what < 0.03:
            self.cut.add(frozenset((host.name, other.name)))
        elif what < 0.04:
            self.cut |= {frozenset((host.name, name)) for name in ORDER if name != host.name}
        elif what < 0.07:
            self.cut.clear()
        elif what < 0.072:
            self.restore(host, other)
        else:
            self.work(host)

    def work(self, host: Host) -> None:
        what = self.random.random()
        if what < 0.2:
            self.write(host)
        elif what < 0.5:
            self.replicate(host)
        elif what < 0.6 and host.applied < len(host.log):
            host.applied += 1
        else:
            # Of the others it hears what they say now, or knows what they said before.
            for each in self.hosts.values():
                if each is not host and self.random.random() < 0.7:
                    host.heard[each.name] = each.say() if self.connected(host.name, each.name) else None
            self.tick(host)

    def restore(self, host: Host, away: Host) -> None:
        """All are stopped, or `away`; one begins with a piece of a log, and the others have nothing, or what they had."""
        self.restores += 1
        for each in self.hosts.values():
            each.crash()
            if each not in (host, away):
                each.log, each.applied = [], 0
                each.change(history=-1)
        host.log = host.log[: self.random.randint(0, len(host.log))]
        host.applied = host.committed = len(host.log)
        host.state = begun(host.say(), self.restores)
        host.change(process="running")
        self.acknowledged[host.state.history] = {(n, *entry) for n, entry in enumerate(host.log)}

    def write(self, host: Host) -> None:
        if host.state.leads:
            self.writes += 1
            host.log.append((host.id, self.writes))
            if host.state.alone:
                # It waits for nobody.
                self.acknowledged[host.state.history].add((len(host.log) - 1, *host.log[-1]))

    def replicate(self, host: Host) -> None:
        primary = self.hosts.get(host.state.follows)
        if not primary or not host.io or not self.connected(host.name, primary.name):
            return
        if primary.state.process != "running" or host.log != primary.log[: len(host.log)]:
            return
        if len(host.log) < len(primary.log):
            host.log.append(primary.log[len(host.log)])
        # The primary waits only for whom it takes for its own replica, and only while it is one.
        if primary.state.leads and primary.state.leads == host.state.follows_epoch:
            primary.committed = max(primary.committed, len(host.log))
            self.acknowledged[host.state.history] |= {(n, *entry) for n, entry in enumerate(host.log)}
            if len(host.log) == len(primary.log):
                host.change(formed=host.state.formed or not primary.state.alone, warm=True)

    def tick(self, host: Host) -> None:
        news = {name: host.heard.get(name) for name in ORDER if name != host.name}
        host.change(newest=newest_history([host.state, *(member for member in news.values() if member)]))
        others = host.others = of_history(host.state.newest, news)
        answering = [host.say(), *(member for member in others.values() if member)]
        if host.state.history == host.state.newest:
            host.change(epochs=known_epochs(answering))
        if host.state.leads and any(member and member.warm for member in others.values()):
            host.change(alone=False)
        host.silent = 0.0 if leader_of(answering) else host.silent + 0.5
        host.idle = host.idle + 0.5 if host.state.process == "stopped" else 0.0
        self.act(host, decide(host.say(), others, ORDER, PATIENCE, host.idle))

    def act(self, host: Host, decision) -> None:
        if decision.action in ("start", "start-as-replica"):
            if decision.action == "start-as-replica":
                # Nobody knows whether what was committed last had reached the disk.
                del host.log[max(0, host.committed - self.random.randrange(3)) :]
            host.applied = len(host.log)
            host.change(process="running")
        elif decision.action == "step-down":
            host.crash()
        elif decision.action == "follow":
            self.follow(host, host.heard[decision.of])
        elif decision.action == "reseed":
            self.reseed(host, leader_of([member for member in host.others.values() if member]))
        elif decision.action in ("campaign", "renew"):
            self.campaign(host, renew=decision.action == "renew")

    def follow(self, host: Host, leader: Member) -> None:
        if leader.leads < host.state.promised:
            return
        host.change(promised=leader.leads, follows=leader.name, follows_epoch=leader.leads, leads=0, warm=False)
        primary = self.hosts[leader.name]
        del host.log[host.applied :]
        if host.log != primary.log[: len(host.log)] and self.connected(host.name, primary.name):
            host.log = list(primary.log)
            host.change(formed=False)
        host.applied = host.committed = len(host.log)
        host.io = True

    def reseed(self, host: Host, leader: Member) -> None:
        primary = self.hosts[leader.name]
        if self.connected(host.name, primary.name) and primary.state.process == "running":
            host.log = list(primary.log)
            host.applied = host.committed = len(host.log)
            host.change(process="stopped", history=primary.state.history, epochs=leader.epochs, formed=False, alone=False)

    def campaign(self, host: Host, renew: bool) -> None:
        epoch = 1 + max([latest(host.state.epochs), *(each.promised for each in [host.say(), *host.others.values()] if each)])
        host.change(promised=epoch)
        if not renew:
            host.io = False
        granted = [host.say()]
        for name in ORDER:
            # A request, or its answer, may be lost.
            if name != host.name and self.connected(host.name, name) and self.random.random() < 0.9:
                granted += self.promise(self.hosts[name], epoch, host)
        if self.random.random() < 0.1 or election_problem(granted, ORDER, host.name):
            return
        if host.state.promised == epoch:
            self.lead(host, epoch)

    def promise(self, voter: Host, epoch: int, candidate: Host) -> list[Member]:
        leader = leader_of([voter.say(), *(member for member in voter.others.values() if member)])
        if may_promise(voter.say(), leader, epoch, candidate.name, PATIENCE, candidate.state.history):
            return []
        voter.change(promised=epoch)
        voter.io = False
        return [voter.say()] if self.random.random() < 0.9 else []

    def lead(self, host: Host, epoch: int) -> None:
        self.elections += 1
        assert host.state.history >= self.newest_led, f"{host.name} leads epoch {epoch} with rows of before a restore"
        self.newest_led = host.state.history
        missing = self.acknowledged[host.state.history] - {(n, *entry) for n, entry in enumerate(host.log)}
        assert not missing, f"{host.name} leads epoch {epoch} without {sorted(missing)[:3]}"
        epochs = host.state.epochs | {str(epoch): [host.name, host.id, len(host.log)]}
        host.applied = host.committed = len(host.log)
        host.change(leads=epoch, epochs=epochs, follows="", follows_epoch=0, warm=True, formed=True)

    def settle(self) -> None:
        self.cut.clear()
        for _ in range(40):
            for host in self.hosts.values():
                host.heard = {name: other.say() for name, other in self.hosts.items() if name != host.name}
                self.tick(host)
            for host in self.hosts.values():
                for _ in range(len(max((each.log for each in self.hosts.values()), key=len)) + 1):
                    self.replicate(host)
                host.applied = len(host.log)
        leaders = [host for host in self.hosts.values() if host.state.leads]
        assert len(leaders) == 1, f"primaries: {[host.name for host in leaders]}; {[host.say() for host in self.hosts.values()]}"
        assert leaders[0].state.history == max(self.acknowledged), "rows of before a restore are back"
        assert all(host.log == leaders[0].log for host in self.hosts.values()), "the logs differ"


def main(seeds: int, steps: int) -> None:
    done = {"elections": 0, "writes": 0, "acknowledged": 0, "restores": 0}
    for seed in range(seeds):
        world = World(seed)
        try:
            for _ in range(steps):
                world.step()
            world.settle()
        except AssertionError as problem:
            sys.exit(f"seed {seed}: {problem}")
        done["elections"] += world.elections
        done["writes"] += world.writes
        done["restores"] += world.restores
        done["acknowledged"] += sum(map(len, world.acknowledged.values()))
    print(json.dumps(done))


main(int(sys.argv[1]), int(sys.argv[2]))
