"""The daemon: looks at MariaDB four times a second, answers what it saw, and starts MariaDB as the decision says."""

import json
import logging
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from ssl import SSLContext

from galera_decision import Decision, Member, decide, problem_of
from galera_members import Members, unparse
from galera_seed import seed
from galera_state import DATA, HOLD, Observer
from galera_writer import Writer
from member_roll import Roll
from member_server import serve as serve_https
from member_server import server_context
from member_threads import end_with_any_thread
from member_watch import Edition, Patience, Watch

INTERVAL = 0.25
# Clients, replication, incremental and full state transfer, health.
PORTS = (3306, 4567, 4568, 4444, 9200)
# Older than this, what was seen is no answer: MariaDB hangs.
STALE = 1.5
# After that a MariaDB that was told to start, and did not, has failed.
SETTLED = 2.0
# Who is well asks the others only whether there is somebody new, or nobody any more.
MEET_SECONDS = 2.0
log = logging.getLogger("galera-member")


def serve(config: dict) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    end_with_any_thread()
    # Before anybody is answered: until then nobody decides anything about this host.
    seed(config)
    view = View(config["name"], config["maxReceiveQueue"])
    context = server_context(config)
    threading.Thread(target=serve_https, args=(config["address"], context, view.answer), daemon=True).start()
    supervise(config, context, view)


class View:
    """The newest look, shared with the threads that answer."""

    def __init__(self, name: str, max_queue: int):
        self.member = Member(name, "starting")
        self.seen = 0.0
        # Who drains has given it away already, and its sessions go on.
        self.was_writer = False
        self.max_queue = max_queue

    def update(self, member: Member) -> None:
        self.member, self.seen = member, time.monotonic()
        if not member.draining:
            self.was_writer = member.writer == member.name

    def newest(self) -> Member:
        return replace(self.member, stale=time.monotonic() - self.seen > STALE)

    def problem(self, path: str) -> str | None:
        """Why HAProxy should not use this member, for writes or for reads."""
        member = self.newest()
        if problem := problem_of(member):
            return problem
        if path == "/read" and member.queue > self.max_queue:
            return f"lags: {member.queue} writes wait to be applied"
        if path == "/write" and not self.was_writer:
            return f"{member.writer or 'nobody'} takes the writes"
        return None

    def answer(self, method: str, path: str, _body: dict, _peer: str | None) -> tuple[int, str]:
        if method == "GET" and path == "/state":
            return 200, unparse(self.newest())
        if method == "GET" and path in ("/read", "/write"):
            problem = self.problem(path)
            if problem:
                return 503, problem
            # HAProxy's word for: sessions go on, new ones go elsewhere.
            return (404, "draining") if self.member.draining else (200, "ready")
        return 400, "ask for /state, /read or /write"


def supervise(config: dict, context: SSLContext, view: View) -> None:
    settings = Watch([Path(config[each]) for each in ("file", "cert", "key")])
    own = Edition("evenkeel-galera.service", "galera*")
    observer = Observer(config)
    writer = Writer(observer)
    roll = Roll("galera", PORTS, config)
    members = Members(config, roll)
    former: Decision | None = None
    patience = Patience()
    joined: float | None = None
    met = 0.0
    while True:
        if own.is_former():
            # Whoever is asked in the meantime does not answer, so members begin anew one after the other.
            time.sleep(5 * sorted(config["members"]).index(config["name"]))
            return
        if settings.changed():
            config |= json.loads(Path(config["file"]).read_text())
            roll.read(config)
            members = Members(config, roll)
            observer.founder = config["founder"]
            context.load_cert_chain(config["cert"], config["key"])
            observer.read_certificate()
            view.max_queue = config["maxReceiveQueue"]
        me = observer.look()
        now = time.monotonic()
        if me.process == "running" or (me.process == "stopped" and joined and now - joined > SETTLED):
            joined = None
        joining = now - joined if joined and me.process == "starting" else 0.0
        me = replace(me, joining=joining, peers=roll.own, writer=writer.look(me, members))
        view.update(replace(me, alert=former.reason if former and is_alert(me, former) else ""))
        if is_well(me):
            patience.reset()
            former = None
            if now - met > MEET_SECONDS:
                members.others()
                met = now
        elif me.configured and not HOLD.exists():
            decision = decide(me, members.others(), config["members"], config["allowMajority"])
            if decision != former:
                log.info("%s: %s", decision.action, decision.reason)
            # Twice the same: what was seen in the middle of a change is seen anew.
            elif decision.action not in ("stay", "wait", "refuse") and patience.allows():
                act(decision, observer)
                joined = time.monotonic() if decision.action in ("join", "copy") else None
            former = decision
        time.sleep(INTERVAL)


def is_well(me: Member) -> bool:
    return me.process == "running" and me.primary and not me.full


def is_alert(me: Member, decision: Decision) -> bool:
    return me.full or decision.action == "refuse"


def act(decision: Decision, observer: Observer) -> None:
    if decision.action in ("join", "copy"):
        if decision.action == "copy":
            (DATA / "grastate.dat").unlink()
        run("systemctl", "start", "--no-block", "mariadb")
    elif decision.action == "leave":
        # It takes a while, in which HAProxy is answered.
        run("systemctl", "start", "--no-block", "evenkeel-galera-leave")
    elif decision.action == "give-up":
        run("systemctl", "kill", "--signal=KILL", "mariadb")
    elif decision.action == "promote":
        observer.query("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")
    elif decision.action == "bootstrap":
        # A view of the former cluster would have it wait for members that were in that.
        (DATA / "gvwstate.dat").unlink(missing_ok=True)
        grastate = DATA / "grastate.dat"
        if grastate.exists():
            grastate.write_text(grastate.read_text().replace("safe_to_bootstrap: 0", "safe_to_bootstrap: 1"))
        run("galera_new_cluster")


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        log.warning("%s: %s", command[0], done.stderr.strip())
