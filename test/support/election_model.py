"""A replicated cluster without hosts: the real decisions over made-up logs, in a network that parts as it likes.

election_model.py SEEDS STEPS prints what it did as JSON, or fails with the schedule's seed. Hosts crash, are cut off, are
replaced by new ones, join, leave with a goodbye or without one; each learns of another list of members at a time of its
own. It holds that
- whoever becomes the primary has every write that was ever acknowledged; after a restore, every one since,
- nobody becomes the primary with rows of before a restore,
- once everything works again there is one primary, everybody has its log, and who votes are members.
"""

import json
import random
import sys
from dataclasses import replace

sys.path[:0] = ["src/replicated/onhost", "src/member/onhost"]
from replicated_decision import able_to_lead, decide
from replicated_history import begun, newest_history, of_history
from replicated_member import Member, known_epochs, latest, leader_of
from replicated_membership import (
    counts,
    holds,
    in_force,
    is_ready,
    is_solid,
    makes_full,
    next_voters,
    nobody_acknowledges,
    obstacle,
)
from replicated_quorum import election_problem, may_promise
from replicated_voters import VOTERS, Voters

NAMES = ["a", "b", "c", "d", "e"]
PATIENCE = 2.0


class Host:
    """Also what a host of that name is after its disk was lost: it remembers nothing."""

    def __init__(self, name: str, members: list[str], founder: bool = False):
        self.name, self.id = name, NAMES.index(name) + 1
        self.log: list[tuple[int, int]] = []
        self.applied = self.committed = 0
        self.io = False
        self.silent = self.idle = 0.0
        self.heard: dict[str, Member | None] = {}
        # Of these, what is of the newest history.
        self.others: dict[str, Member | None] = {}
        # As a primary: whose connection it takes; what it is about to change, and how far its log went then.
        self.admitted: set[str] = set()
        self.barred = ""
        # As a primary: whether its writes do wait; its state says whether others may rely on that.
        self.waits = True
        # Of whom it has heard since it follows whom it follows.
        self.fresh: set[str] = set()
        self.proposal: tuple[tuple[str, ...], int] | None = None
        self.state = Member(name, "stopped", members=tuple(members), founder=founder)

    def say(self) -> Member:
        server, sequence = (self.log[-1][0], len(self.log)) if self.log else (0, 0)
        running = "Yes" if self.io else "No"
        return replace(self.state, position=(server, sequence), silent=self.silent, io=running, sql="Yes")

    def change(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)

    def crash(self) -> None:
        if self.state.follows:
            # What was received and not applied is gone.
            del self.log[self.applied :]
        self.io, self.barred, self.proposal = False, "", None
        self.change(process="stopped", leads=0, follows="", follows_epoch=0, warm=False, settled=False, yields_to="")

    def admit(self) -> None:
        counting = self.state.voters.acknowledging(self.state.settled)
        said = {name: member.acknowledges for name, member in self.others.items() if member}
        self.admitted = {name for name in NAMES if name in counting or said.get(name) is False} - {self.barred}


class World:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        # Some clusters live longer from one failure to the next.
        self.trouble = self.random.choice([0.2, 0.5, 1])
        # How many messages arrive.
        self.reliable = self.random.choice([0.5, 0.9])
        # The list of members as the program has it.
        self.program = NAMES[:3]
        self.hosts = {name: Host(name, self.program, founder=True) for name in self.program}
        self.cut: set[frozenset[str]] = set()
        # What was acknowledged, in each history.
        self.acknowledged: dict[int, set[tuple[int, int, int]]] = {0: set()}
        self.newest_led = 0
        self.writes = self.elections = self.restores = self.changes = self.lost = 0

    def connected(self, one: str, other: str) -> bool:
        return frozenset((one, other)) not in self.cut

    def others(self, host: Host) -> list[Host]:
        return [each for each in self.hosts.values() if each is not host]

    def step(self) -> None:
        host = self.random.choice(list(self.hosts.values()))
        other = self.random.choice(self.others(host))
        what, program = self.random.random() / self.trouble, self.random.random()
        if program < 0.003:
            self.change_program()
        elif program < 0.1:
            self.tell(host)
        elif what < 0.02:
            host.crash()
        elif what < 0.03:
            self.cut.add(frozenset((host.name, other.name)))
        elif what < 0.04:
            self.isolate(host)
        elif what < 0.06:
            self.cut.clear()
        elif what < 0.061:
            self.restore(other)
        elif what < 0.063:
            self.lose(host)
        else:
            self.work(host)

    def isolate(self, host: Host) -> None:
        self.cut |= {frozenset((host.name, each.name)) for each in self.others(host)}

    def strike(self, host: Host) -> None:
        """What fails does so at the worst moment."""
        what = self.random.random()
        if self.trouble and what < 0.1:
            self.isolate(host)
        elif self.trouble and what < 0.15:
            host.crash()

    def change_program(self) -> None:
        """Mostly one host for another; now and then several at once, but never all."""
        wanted = self.random.sample(NAMES, self.random.choice([3, 3, 3, 4]))
        if self.elections and set(wanted) & set(self.program):
            self.program = wanted

    def tell(self, host: Host) -> None:
        """An `up` comes to this host, or to one that is new; who is on the list no more is told last."""
        for name in self.program:
            if name not in self.hosts:
                self.hosts[name] = Host(name, self.program)
                return
        if host.name in self.program and not host.state.leaving:
            host.change(members=tuple(self.program))
        elif host.state.leaving or self.is_told() and (self.has_left(host) or self.random.random() < 0.1):
            host.change(leaving=True)
            if self.has_left(host):
                del self.hosts[host.name]

    def is_told(self) -> bool:
        return all(set(self.hosts[name].state.members) == set(self.program) for name in self.program)

    def has_left(self, host: Host) -> bool:
        leader = leader_of([each.say() for each in self.others(host)])
        return bool(leader) and leader.settled and host.name not in leader.voters.names

    def lose(self, host: Host) -> None:
        """Its disk is gone, while all others are well: in its place comes a new host, or nobody if it is no member."""
        leader = leader_of([each.say() for each in self.hosts.values()])
        if not leader or leader.name == host.name or not leader.settled or len(leader.voters.names) < VOTERS:
            return
        well = [self.hosts.get(name) for name in leader.voters.names if name not in (host.name, leader.name)]
        if not all(each and is_ready(each.say(), leader) for each in well):
            return
        self.lost += 1
        if host.name in self.program:
            self.hosts[host.name] = Host(host.name, list(host.state.members))
        else:
            del self.hosts[host.name]

    def work(self, host: Host) -> None:
        what = self.random.random()
        if host.state.leads and what < 0.15:
            self.write(host)
        elif host.state.leads and what < 0.6:
            self.change_voters(host)
        elif not host.state.leads and what < 0.45:
            # In between it is always behind.
            for _ in range(self.random.randint(1, 6)):
                self.replicate(host)
        elif not host.state.leads and what < 0.6:
            host.applied = min(host.applied + 1, len(host.log))
        else:
            # Of the others it hears what they say now, or knows what they said before.
            for each in self.others(host):
                if self.random.random() < 0.7:
                    host.heard[each.name] = each.say() if self.connected(host.name, each.name) else None
                    host.fresh.add(each.name)
            self.tick(host)

    def restore(self, away: Host) -> None:
        """All are stopped, or `away`; a voter begins with a piece of a log, and the others have nothing, or what they had."""
        names = in_force([each.say() for each in self.hosts.values()], self.program).names
        voting = [self.hosts[name] for name in names if name in self.hosts and name in self.program]
        if not voting:
            return
        host = self.random.choice(voting)
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
            for _ in range(self.random.randint(1, 4)):
                self.writes += 1
                host.log.append((host.id, self.writes))
            if not host.waits:
                self.acknowledge(host)

    def replicate(self, host: Host) -> None:
        primary = self.hosts.get(host.state.follows)
        if not primary or not host.io or not self.connected(host.name, primary.name):
            return
        if primary.state.process != "running" or host.log != primary.log[: len(host.log)]:
            return
        if host.name not in primary.admitted:
            return
        if len(host.log) < len(primary.log):
            host.log.append(primary.log[len(host.log)])
        # The primary waits only for whom it takes for its own replica, and only while it is one.
        is_its_replica = primary.state.leads and primary.state.leads == host.state.follows_epoch
        if is_its_replica and host.state.acknowledges:
            primary.committed = max(primary.committed, len(host.log))
            self.acknowledge(host)

    def acknowledge(self, host: Host) -> None:
        """Everything that it has: what came before a write was acknowledged with it."""
        known = self.acknowledged[host.state.history]
        for n in reversed(range(len(host.log))):
            if (n, *host.log[n]) in known:
                return
            known.add((n, *host.log[n]))

    def tick(self, host: Host) -> None:
        news = {each.name: host.heard.get(each.name) for each in self.others(host)}
        host.change(newest=newest_history([host.state, *(member for member in news.values() if member)]))
        others = host.others = of_history(host.state.newest, news)
        answering = [host.say(), *(member for member in others.values() if member)]
        if host.state.history == host.state.newest:
            host.change(epochs=known_epochs(answering))
        host.silent = 0.0 if leader_of(answering) else host.silent + 1
        host.idle = host.idle + 1 if host.state.process == "stopped" else 0.0
        decision = decide(host.say(), others, list(host.state.members), PATIENCE, host.idle)
        if decision.action in ("stay", "hand-over") and host.state.process == "running":
            self.tend(host, answering[1:])
        self.act(host, decision)

    def tend(self, host: Host, answering: list[Member]) -> None:
        """As tend_primary and tend_replica of replicated_replica do."""
        if host.state.leads:
            voters = [host.others.get(name) for name in host.state.voters.names if name != host.name]
            is_only_voter = not voters and host.state.settled
            if is_only_voter or any(member and member.warm for member in voters):
                host.change(alone=False)
            if is_only_voter:
                host.waits = False
                host.change(semisync=False)
            elif not host.state.alone and any(member and is_solid(member) for member in voters):
                host.waits = True
                host.change(semisync=True)
            host.admit()
            return
        primary = host.others.get(host.state.follows)
        if not primary or primary.leads != host.state.follows_epoch or not host.io:
            return
        if host.state.promised == host.state.follows_epoch:
            host.change(acknowledges=counts(primary, host.name))
        if len(host.log) >= primary.position[1] and primary.name in host.fresh:
            host.change(warm=True, formed=host.state.formed or makes_full(primary, host.state.voters))

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
        elif decision.action == "hand-over":
            self.hand_over(host)
        elif decision.action in ("campaign", "renew"):
            self.campaign(host, renew=decision.action == "renew")

    def follow(self, host: Host, leader: Member) -> None:
        primary = self.hosts.get(leader.name)
        if leader.leads < host.state.promised or not primary:
            return
        host.change(promised=leader.leads, follows=leader.name, follows_epoch=leader.leads, leads=0, warm=False)
        host.change(acknowledges=counts(leader, host.name), settled=False)
        del host.log[host.applied :]
        if host.log != primary.log[: len(host.log)] and self.connected(host.name, primary.name):
            host.log = list(primary.log)
            host.change(formed=False)
        host.applied = host.committed = len(host.log)
        host.io = True
        host.fresh.clear()

    def reseed(self, host: Host, leader: Member) -> None:
        primary = self.hosts.get(leader.name)
        if primary and self.connected(host.name, primary.name) and primary.state.process == "running":
            host.log = list(primary.log)
            host.applied = host.committed = len(host.log)
            host.change(process="stopped", history=primary.state.history, epochs=leader.epochs, formed=False, alone=False)

    def hand_over(self, host: Host) -> None:
        """It takes no writes from here on; who has them all is elected, or it goes on."""
        members = [member for member in host.others.values() if member]
        heirs = able_to_lead(host.say(), [host.say(), *members], list(host.state.members))
        heir = self.hosts.get(heirs[0].name)
        host.change(yields_to=heirs[0].name)
        for each in self.others(host):
            if self.connected(host.name, each.name) and self.random.random() < 0.9:
                each.heard[host.name] = host.say()
                each.others |= of_history(each.state.newest, {host.name: host.say()})
        if heir and self.connected(host.name, heir.name) and heir.log == host.log and heir.state.process == "running":
            self.tick(heir)
            if heir.state.leads > host.state.leads:
                host.change(leads=0, follows="", follows_epoch=0, settled=False)
        host.change(yields_to="")

    def campaign(self, host: Host, renew: bool) -> None:
        epoch = 1 + max([latest(host.state.epochs), *(each.promised for each in [host.say(), *host.others.values()] if each)])
        host.change(promised=epoch)
        if not renew:
            host.io = False
        known = in_force([host.say(), *(each for each in host.others.values() if each)], list(host.state.members))
        granted = [host.say()]
        for name in known.names:
            # A request, or its answer, may be lost.
            if name in self.hosts and name != host.name and self.connected(host.name, name) and self.random.random() < 0.9:
                granted += self.promise(self.hosts[name], epoch, host, known)
        others = {member.name: member for member in granted[1:]}
        granted = [host.say(), *of_history(host.state.history, others).values()]
        voters = in_force(granted, list(host.state.members))
        if self.random.random() < 0.1 or election_problem(granted, voters, host.name):
            return
        if host.state.promised == epoch:
            host.change(voters=voters.begun_by(epoch), settled=False)
            if self.spread(host) and self.random.random() < 0.95 and host.state.promised == epoch:
                self.lead(host, epoch)
                self.strike(host)

    def promise(self, voter: Host, epoch: int, candidate: Host, known: Voters) -> list[Member]:
        leader = leader_of([voter.say(), *(member for member in voter.others.values() if member)])
        own = in_force([voter.say()], list(voter.state.members))
        voters = max(known, own, key=lambda each: each.age)
        if voter.name not in voters.names or candidate.name not in voters.names:
            return []
        if may_promise(voter.say(), leader, epoch, candidate.name, PATIENCE, candidate.state.history):
            return []
        voter.change(promised=epoch, newest=max(voter.state.newest, candidate.state.history))
        voter.io = False
        return [voter.say()] if self.random.random() < 0.9 else []

    def change_voters(self, host: Host) -> None:
        """As Change of replicated_change does, cut off wherever it may be."""
        me, others = host.say(), [member for member in host.others.values() if member]
        if me.voters.epoch != me.leads:
            return
        if not me.settled:
            self.spread(host)
            return
        if nobody_acknowledges(me, others) and me.semisync:
            self.wait_for_nobody(host)
            return
        names, _ = host.proposal or (next_voters(me, others, list(me.members))[0], 0)
        if names is None:
            # Whoever does not know them yet is told.
            self.spread(host)
        if names is None or obstacle(me, others, names):
            host.barred, host.proposal = "", None
            return
        if not host.proposal:
            host.barred = next((name for name in me.voters.names if name not in names), "")
            host.admit()
            host.proposal = names, len(host.log)
        elif obstacle(me, others, names, host.proposal[1]) is None and me.promised == me.leads:
            host.change(voters=me.voters.changed(names), settled=False)
            host.barred, host.proposal = "", None
            self.changes += 1
            if self.random.random() < 0.7:
                self.spread(host)
            self.strike(host)
        elif self.random.random() < 0.2:
            host.barred, host.proposal = "", None

    def wait_for_nobody(self, host: Host) -> None:
        again = host.state.voters.changed(host.state.voters.names)
        host.change(voters=again, settled=False, semisync=False)
        noted = self.note(host)
        others = [self.hosts.get(name) for name in again.names if name != host.name]
        if all(each and each.name in noted and not is_solid(each.state) for each in others):
            host.waits = False
            host.change(settled=True)
        host.change(semisync=host.waits)

    def spread(self, host: Host) -> bool:
        if holds(host.state.voters, self.note(host)):
            host.change(settled=True)
        return host.state.settled

    def note(self, host: Host) -> set[str]:
        voters, noted = host.state.voters, {host.name}
        for each in self.others(host):
            if not self.connected(host.name, each.name) or self.random.random() > self.reliable:
                continue
            if voters.epoch < each.state.promised:
                continue
            if each.state.leads not in (0, voters.epoch) and each.state.promised != voters.epoch:
                continue
            if voters.age > each.state.voters.age:
                each.change(promised=voters.epoch, voters=voters)
            if each.state.voters == voters and self.random.random() < self.reliable:
                noted.add(each.name)
        return noted

    def lead(self, host: Host, epoch: int) -> None:
        self.elections += 1
        assert host.state.history >= self.newest_led, f"{host.name} leads epoch {epoch} with rows of before a restore"
        self.newest_led = host.state.history
        missing = self.acknowledged[host.state.history] - {(n, *entry) for n, entry in enumerate(host.log)}
        assert not missing, f"{host.name} leads epoch {epoch} without {sorted(missing)[:3]}"
        epochs = host.state.epochs | {str(epoch): [host.name, host.id, len(host.log)]}
        host.applied = host.committed = len(host.log)
        host.change(leads=epoch, epochs=epochs, follows="", follows_epoch=0, warm=True, formed=True)
        host.waits = not host.state.alone and len(host.state.voters.names) > 1
        host.change(semisync=host.waits)
        host.admit()

    def settle(self) -> None:
        """An `up` comes to its end, and no host fails."""
        self.cut.clear()
        self.reliable, self.trouble = 1, 0
        for round_ in range(80):
            self.calm(may_leave=round_ > 40 or self.is_whole(set(self.program)))
            if self.is_whole(set(self.hosts)):
                break
        told = f"program {self.program}; {[short(host) for host in self.hosts.values()]}"
        leaders = [host for host in self.hosts.values() if host.state.leads]
        known = in_force([host.say() for host in self.hosts.values()], self.program)
        if not leaders and not set(known.names) <= set(self.hosts):
            # Whose disk is lost may have been the last one to hold a write: a person has to say that it is given up.
            return
        assert len(leaders) == 1, f"primaries: {[host.name for host in leaders]}; {told}"
        assert leaders[0].state.history == max(self.acknowledged), "rows of before a restore are back"
        assert all(host.log == leaders[0].log for host in self.hosts.values()), f"the logs differ; {told}"
        assert self.is_whole(set(self.hosts)), f"the voters differ; {told}"

    def calm(self, may_leave: bool) -> None:
        for name in self.program:
            self.hosts.setdefault(name, Host(name, self.program)).change(members=tuple(self.program))
        for host in list(self.hosts.values()):
            host.heard = {each.name: each.say() for each in self.others(host)}
            host.fresh = set(host.heard)
            self.tick(host)
            if host.state.leads:
                self.change_voters(host)
            if may_leave and (host.state.leaving or host.name not in self.program):
                self.tell(host)
        for host in self.hosts.values():
            length = -1
            while length < len(host.log):
                length = len(host.log)
                self.replicate(host)
            host.applied = len(host.log)

    def is_whole(self, members: set[str]) -> bool:
        """One primary, whose log all have, and as many voters as can be, who are these members alone."""
        leaders = [host for host in self.hosts.values() if host.state.leads]
        if len(leaders) != 1 or members != set(self.program) or not members <= set(self.hosts):
            return False
        voters = leaders[0].state.voters.names
        is_settled = leaders[0].state.settled and len(voters) == VOTERS and set(voters) <= members
        return is_settled and all(self.hosts[name].log == leaders[0].log for name in members)


def short(host: Host) -> str:
    said = host.say()
    shown = ["process", "leads", "promised", "follows", "position", "formed", "warm", "leaving", "settled", "history", "members"]
    return f"{host.name}: {said.voters} " + ", ".join(f"{each} {getattr(said, each)}" for each in shown)


def main(seeds: int, steps: int) -> None:
    counted = ["elections", "writes", "restores", "changes", "lost"]
    done = dict.fromkeys(["acknowledged", *counted], 0)
    for seed in range(seeds):
        world = World(seed)
        try:
            for _ in range(steps):
                world.step()
            world.settle()
        except AssertionError as problem:
            sys.exit(f"seed {seed}: {problem}")
        for what in counted:
            done[what] += getattr(world, what)
        done["acknowledged"] += sum(map(len, world.acknowledged.values()))
    print(json.dumps(done))


main(int(sys.argv[1]), int(sys.argv[2]))
