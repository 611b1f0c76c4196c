"""The daemon: looks at MariaDB and at the other members four times a second, answers what it saw, and acts as the decision says."""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import replicated_change as change
import replicated_election as election
import replicated_replica as replica
import replicated_seed as seeding
from member_server import serve as serve_https
from member_server import server_context
from member_threads import end_with_any_thread
from member_watch import Edition, Patience, Watch
from pymysql import MySQLError
from replicated_decision import Decision, decide, may_leave, why_not_reseed
from replicated_heartbeat import Heartbeat
from replicated_history import HELD
from replicated_links import Door, end_silent
from replicated_member import parse
from replicated_state import HOLD
from replicated_view import INTERVAL, View
from replicated_voters import Voters

RENEW_SECONDS = 1.0
PERSON = "a person asked for it"
# Less than the person waits for it: later it would come as a surprise.
WISH_SECONDS = 25.0
log = logging.getLogger("replicated-member")


def serve(config: dict) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    end_with_any_thread()
    view = View(config)
    context = server_context(config)
    threading.Thread(target=serve_https, args=(config["address"], context, answers(view)), daemon=True).start()
    Heartbeat(view).start()
    Door(view).start()
    change.Change(view).start()
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
            if peer not in view.roll.addresses and peer != view.config["name"]:
                return 403, "only members of the cluster may ask for this"
            if path == "/promise":
                return election.promise(view, body, peer)
            if path == "/voters":
                return change.note(view, body)
            if path == "/switchover":
                return election.switchover(view, body.get("to"))
            if path == "/begin":
                return election.begin(view)
            if path in ("/promote", "/reseed"):
                return wish(view, path.removeprefix("/"))
            if path == "/news":
                view.hear(peer, parse(body))
                view.wake.set()
                return 200, "{}"
        if method == "GET" and path == "/backup" and peer in view.roll.addresses:
            return 200, seeding.backup()
        return 404, "ask for /state, /read or /write"

    return answer


def wish(view: View, what: str) -> tuple[int, str]:
    """The loop does it: it is the only one that changes what this member does."""
    if view.me.leads:
        if what != "promote":
            return 409, "this member is the primary"
        go_on_alone(view)
        return 200, "{}"
    if what == "promote" and view.me.history < view.me.newest:
        return 409, "its rows are of before a restore: restore a backup again"
    problem = why_not_reseed(view.me, replica.known(view), view.config["members"]) if what == "reseed" else None
    if problem:
        return 409, problem
    view.wish, view.wish_until = what, time.monotonic() + WISH_SECONDS
    view.wake.set()
    return 200, "{}"


def go_on_alone(view: View) -> None:
    """A person permits it: who votes is this primary, until others have all rows."""
    with view.lock:
        voters = view.own_voters()
        alone = Voters((view.me.name,), (view.me.name,), view.me.leads, voters.version + 1)
        view.durable.keep(voters=asdict(alone))
        view.held = alone.age


def supervise(view: View, context) -> None:
    config = view.config
    settings = Watch([Path(config[each]) for each in ("file", "cert", "key")])
    own = Edition("evenkeel-replicated.service", "replicated*")
    former: Decision | None = None
    patience = Patience()
    stopped_since: float | None = None
    decided = 0.0
    while True:
        if own.is_former():
            # Whoever is asked in the meantime does not answer, so members begin anew one after the other.
            time.sleep(2 * sorted(config["members"]).index(config["name"]))
            return
        if settings.changed():
            config |= json.loads(Path(config["file"]).read_text())
            view.read(config)
            context.load_cert_chain(config["cert"], config["key"])
            attempt("MariaDB's certificate", lambda: replica.read_certificate(view))
        view.refresh()
        me = view.me
        stopped_since = (stopped_since or time.monotonic()) if me.process == "stopped" else None
        idle = time.monotonic() - stopped_since if stopped_since else 0.0
        if me.process == "running":
            attempt("users for replication", lambda: replica.admit_replicas(view))
        if not HOLD.exists() and not HELD.exists():
            decision = wanted(view) or decide(me, view.others, config["members"], config["suspectTimeout"], idle)
            if (decision.action, decision.reason) != (former and (former.action, former.reason)):
                log.info("%s: %s", decision.action, decision.reason)
                patience.reset()
                decided = time.monotonic()
            former = decision
            if decision.action == "renew" and time.monotonic() - decided < RENEW_SECONDS:
                # Whoever was elected meanwhile has so long to be heard.
                pass
            elif decision.action not in ("stay", "wait") and patience.allows():
                done = attempt(decision.action, lambda chosen=decision: act(chosen, view))
                # What a person asked for is tried until it is done.
                if done and decision.reason == PERSON:
                    view.wish = ""
            elif decision.action in ("stay", "hand-over"):
                attempt("what stays to be done", lambda: tend(view))
        view.wake.wait(INTERVAL)
        view.wake.clear()


def attempt(what: str, work: Callable[[], None]) -> bool:
    try:
        work()
    except (MySQLError, OSError) as error:
        log.warning("%s: %s", what, error)
        return False
    return True


def wanted(view: View) -> Decision | None:
    if view.me.leads or time.monotonic() > view.wish_until:
        view.wish = ""
    if view.wish:
        return Decision(view.wish, PERSON)
    if seeding.cannot_follow(view.me, view):
        return Decision("reseed", view.me.error)
    return None


def tend(view: View) -> None:
    replica.tend(view)
    if view.me.leads:
        end_silent(view.database)


def hand_over(view: View) -> None:
    """MariaDB that waits for room ends no write, and so hands over nothing: then the others elect without it."""
    try:
        status, told = election.switchover(view, None)
    except (MySQLError, OSError) as error:
        status, told = 503, str(error)
    if status != 200:
        log.warning("it does not hand over: %s", told)
        if view.me.full and may_leave(view.me, replica.known(view), view.voters):
            log.warning("it is killed")
            replica.fence(view)


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
        view.me = replace(view.me, process="seeding", formed=False, warm=False, readable=False)
        seeding.seed(view)
    elif decision.action == "hand-over":
        hand_over(view)
    elif decision.action == "leave":
        replica.leave()
    elif decision.action in ("step-down", "kill"):
        replica.fence(view)
