"""The daemon: looks at MariaDB and at the other members four times a second, answers what it saw, and acts as the decision says."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path

import replicated_election as election
import replicated_replica as replica
import replicated_seed as seeding
from member_server import Patience, Peers, Watch, server_context
from member_server import serve as serve_https
from pymysql import MySQLError
from replicated_decision import Decision, Member, decide, latest, leader_of, voters
from replicated_heartbeat import Heartbeat
from replicated_state import HOLD, MariaDb, Run, look, memory

INTERVAL = 0.25
# Older than this, what was seen is no answer: MariaDB hangs.
STALE = 1.5
log = logging.getLogger("replicated-member")


class View:
    """What this member knows, shared by the loop and the threads that answer."""

    def __init__(self, config: dict):
        self.config = config
        self.database = MariaDb()
        self.durable = memory()
        self.run = Run()
        self.peers = Peers(config)
        # Held by whoever changes what was promised, or whom this member follows.
        self.lock = threading.Lock()
        self.wake = threading.Event()
        self.me = Member(config["name"], "starting")
        self.others: dict[str, Member | None] = {}
        self.seen = 0.0
        self.primary_seen = float("-inf")
        # What a person asked for: "", "promote" or "reseed".
        self.wish = ""
        self.primary_majority_seen = 0.0
        self.yields_to = ""
        self.readable = False
        # For which MariaDB, and for which members, the users for replication are there.
        self.admitted: dict | None = None

    @property
    def voters(self) -> list[str]:
        return voters(self.config["members"])

    def look(self) -> Member:
        """At this host alone."""
        silent = min(time.monotonic() - self.primary_seen, 1e6)
        found = look(self.config, self.database, self.durable, self.run, self.yields_to)
        return replace(found, silent=silent, readable=self.readable)

    def refresh(self) -> None:
        """The others first: what this member holds is then at least what the primary had when it was asked."""
        self.others = {name: parse(state) for name, state in self.peers.ask_all("/state").items()}
        me = self.look()
        now = time.monotonic()
        answering = [me, *(member for member in self.others.values() if member)]
        self.durable.learn({epoch: entry for member in answering for epoch, entry in member.epochs.items()})
        leader = leader_of(answering)
        if leader:
            self.primary_seen = now
        elif self.primary_is_down():
            self.primary_seen = float("-inf")
        if len([name for name in self.voters if name == me.name or self.others[name]]) * 2 > len(self.voters):
            self.primary_majority_seen = now
        self.readable = replica.is_readable(me, self.others, self.config["maxLag"], self.readable)
        self.me, self.seen = self.look() if me.process == "stopped" else replace(me, readable=self.readable), now

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
        if path == "/write":
            if not self.me.leads:
                return "not the primary"
            if now - self.primary_majority_seen > self.config["suspectTimeout"]:
                return "no majority of the voters answers"
        elif not self.readable:
            return f"lags {self.me.lag} s" if self.me.lag is not None else "replicates from nobody"
        return None


def parse(state: dict | None) -> Member | None:
    """Unknown fields are a newer version's; they are left out."""
    if state is None:
        return None
    known = {each.name for each in fields(Member)}
    found = Member(**{key: value for key, value in state.items() if key in known})
    return replace(found, position=tuple(found.position))


def serve(config: dict) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # Not at boot either: it starts when the members' states allow.
    replica.systemctl("--no-reload", "disable", "mariadb")
    view = View(config)
    context = server_context(config)
    threading.Thread(target=serve_https, args=(config["address"], context, answers(view)), daemon=True).start()
    Heartbeat(view).start()
    supervise(view, context)


def answers(view: View):
    def answer(method: str, path: str, body: dict, peer: str | None) -> tuple[int, str]:
        if method == "GET" and path == "/state":
            return 200, json.dumps(asdict(view.me))
        if method == "GET" and path in ("/read", "/write"):
            problem = view.problem(path)
            if problem:
                return 503, problem
            # HAProxy's word for: no new sessions.
            return (404, "draining") if view.yields_to else (200, "ready")
        if method == "POST":
            if peer not in view.config["members"]:
                return 403, "only members of the cluster may ask for this"
            if path == "/promise":
                return election.promise(view, body, peer)
            if path == "/switchover":
                return election.switchover(view, body.get("to"))
            if path in ("/promote", "/reseed"):
                return wish(view, path.removeprefix("/"))
            if path == "/wake":
                view.wake.set()
                return 200, "{}"
        if method == "GET" and path == "/backup" and peer in view.config["members"]:
            return 200, seeding.backup()
        return 404, "ask for /state, /read or /write"

    return answer


def wish(view: View, what: str) -> tuple[int, str]:
    """The loop does it: it is the only one that changes what this member does."""
    if view.me.leads:
        return 409, "this member is the primary"
    view.wish = what
    view.wake.set()
    return 200, "{}"


def supervise(view: View, context) -> None:
    config = view.config
    settings = Watch([Path(config[each]) for each in ("file", "cert", "key")])
    programs = Watch(sorted([*Path(__file__).parent.glob("replicated*"), *Path(__file__).parent.glob("member_*")]))
    former: Decision | None = None
    patience = Patience()
    stopped_since: float | None = None
    while True:
        if programs.changed():
            # Whoever is asked in the meantime does not answer, so members begin anew one after the other.
            time.sleep(2 * config["members"].index(config["name"]))
            return
        if settings.changed():
            config |= json.loads(Path(config["file"]).read_text())
            view.peers = Peers(config)
            context.load_cert_chain(config["cert"], config["key"])
        view.refresh()
        me = view.me
        stopped_since = (stopped_since or time.monotonic()) if me.process == "stopped" else None
        idle = time.monotonic() - stopped_since if stopped_since else 0.0
        if me.process == "running":
            attempt("users for replication", lambda: replica.admit_replicas(view))
        if not HOLD.exists():
            decision = wanted(view) or decide(me, view.others, config["members"], config["suspectTimeout"], idle)
            if (decision.action, decision.reason) != (former and (former.action, former.reason)):
                log.info("%s: %s", decision.action, decision.reason)
                patience.reset()
            former = decision
            if decision.action not in ("stay", "wait") and patience.allows():
                attempt(decision.action, lambda chosen=decision: act(chosen, view))
            elif decision.action == "stay":
                replica.tend(view)
        view.wake.wait(INTERVAL)
        view.wake.clear()


def attempt(what: str, work: Callable[[], None]) -> None:
    try:
        work()
    except (MySQLError, OSError) as error:
        log.warning("%s: %s", what, error)


def wanted(view: View) -> Decision | None:
    wish, view.wish = view.wish, ""
    if wish:
        return Decision(wish, "a person asked for it")
    if seeding.cannot_follow(view.me, view):
        return Decision("reseed", view.me.error)
    return None


def act(decision: Decision, view: View) -> None:
    seeding.mend_place()
    if decision.action == "start":
        replica.start("")
    elif decision.action == "start-as-replica":
        replica.start("SLAVE")
    elif decision.action == "follow":
        replica.follow(view, decision.of)
    elif decision.action == "campaign":
        election.campaign(view)
    elif decision.action == "renew":
        election.campaign(view, renew=True)
    elif decision.action == "promote":
        election.campaign(view, force=True)
    elif decision.action == "reseed":
        view.me = replace(view.me, process="seeding", leads=0, readable=False)
        seeding.seed(view)
    elif decision.action == "step-down":
        replica.fence(view)
