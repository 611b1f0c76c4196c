"""How the primary changes who votes, one voter at a time, and how the others take note of it."""

import json
import logging
import threading
import time
from dataclasses import asdict

from pymysql import MySQLError
from replicated_member import Member
from replicated_membership import holds, next_voters, nobody_acknowledges, obstacle
from replicated_replica import admit_replicas, known, set_waiting
from replicated_state import MariaDb, applied_position
from replicated_voters import Voters

INTERVAL = 0.25
# So long a voter may take to have on its disk what the primary has.
LEVEL_SECONDS = 2.0
# Whoever was not there is told again after so long.
RETELL_SECONDS = 1.0
log = logging.getLogger("replicated-member")


class Change(threading.Thread):
    """A thread of its own: the loop goes on to look while it waits for others."""

    def __init__(self, view):
        super().__init__(daemon=True)
        self.view = view
        self.database = MariaDb(timeout=5)
        self.told = 0.0

    def run(self) -> None:
        while True:
            view = self.view
            view.changing = ""
            try:
                if view.me.leads and not view.yields_to:
                    self.step(view.me, known(view)[1:])
            except (MySQLError, OSError) as error:
                log.warning("who votes: %s", error)
                self.database.close()
            finally:
                view.barred = ""
            time.sleep(INTERVAL)

    def step(self, me: Member, others: list[Member]) -> None:
        view, voters = self.view, me.voters
        if voters.epoch != me.leads:
            return
        if not me.settled:
            # It was cut off in the middle of a change, which goes on.
            spread(view, voters)
            return
        if me.semisync and nobody_acknowledges(me, others):
            self.wait_for_nobody(me)
            return
        names, reason = next_voters(me, others, view.config["members"])
        view.changing = reason
        if names is None:
            self.tell(voters, others)
            return
        problem = obstacle(me, others, names)
        if problem:
            view.changing = f"{reason}, but {problem}"
            return
        going = next((name for name in voters.names if name not in names), "")
        if going:
            view.barred = going
            admit_replicas(view)
        if not self.is_level(names):
            log.info("%s, but nobody else had every write within %d s", reason, LEVEL_SECONDS)
            return
        changed = voters.changed(names)
        if self.keep(voters, changed):
            log.info("%s: %s are to vote", reason, ", ".join(names))
            spread(view, changed)

    def keep(self, voters: Voters, changed: Voters) -> bool:
        with self.view.lock:
            if self.view.durable["promised"] != voters.epoch or self.view.own_voters() != voters:
                return False
            self.view.durable.keep(voters=asdict(changed))
        return True

    def wait_for_nobody(self, me: Member) -> None:
        """Who becomes a full member relies on it that this primary waits. So each first takes note of another set, of the
        same voters, in which it does not, and says that it is none yet."""
        view, again = self.view, me.voters.changed(me.voters.names)
        view.waits = False
        try:
            others = [name for name in again.names if name != me.name]
            replies = self.keep(me.voters, again) and view.peers.ask_all("/voters", {"voters": asdict(again)}, others)
            if replies and all(reply and is_nothing(reply, again) for reply in replies.values()):
                view.held = again.age
                set_waiting(view, False)
        finally:
            # As MariaDB has it.
            view.waits = None

    def is_level(self, names: tuple[str, ...]) -> bool:
        _, position = applied_position(self.database)
        deadline = time.monotonic() + LEVEL_SECONDS
        while obstacle(self.view.me, known(self.view)[1:], names, position):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def tell(self, voters: Voters, others: list[Member]) -> None:
        behind = [member.name for member in others if member.voters.age < voters.age]
        if behind and time.monotonic() - self.told > RETELL_SECONDS:
            self.told = time.monotonic()
            self.view.peers.ask_all("/voters", {"voters": asdict(voters)}, behind)


def is_nothing(reply: dict, voters: Voters) -> bool:
    return Voters.of(reply["voters"]) == voters and not reply["solid"]


def spread(view, voters: Voters) -> bool:
    """Whether they hold: a majority of them, and of those before, has them on disk."""

    def enough(replies: dict[str, dict]) -> bool:
        noted = {name for name, reply in replies.items() if Voters.of(reply["voters"]) == voters}
        return holds(voters, {view.config["name"], *noted})

    if not enough({}) and not enough(view.peers.ask_until(enough, "/voters", {"voters": asdict(voters)})):
        return False
    if view.held != voters.age:
        log.info("%s vote, by %d.%d", ", ".join(voters.names), *voters.age)
    view.held = voters.age
    return True


def note(view, body: dict) -> tuple[int, str]:
    """What a primary says of who votes; of one that a later epoch has replaced nothing is taken."""
    voters = Voters.of(body["voters"])
    if not view.lock.acquire(timeout=0.8):
        return 409, "busy"
    try:
        if voters.epoch < view.durable["promised"]:
            return 409, f"it has promised epoch {view.durable['promised']}"
        if view.me.leads not in (0, voters.epoch) and view.durable["promised"] != voters.epoch:
            return 409, "it is a primary itself"
        if voters.age > view.own_voters().age:
            view.durable.keep(promised=voters.epoch, voters=asdict(voters))
        solid = view.durable["formed"] or view.run.memory["warm"]
        return 200, json.dumps({"voters": view.durable["voters"], "solid": solid})
    finally:
        view.lock.release()
        view.wake.set()
