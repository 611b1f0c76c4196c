"""How a member becomes the primary, how the others promise it their votes, and how a primary hands over."""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace

from pymysql import MySQLError
from replicated_change import spread
from replicated_decision import able_to_lead
from replicated_history import (
    HELD,
    NO_ROWS,
    begun,
    history_of,
    keep_history,
    of_history,
)
from replicated_member import latest, leader_of, parse, unaided
from replicated_membership import in_force
from replicated_quorum import election_problem, may_promise
from replicated_replica import admit_replicas, fence, known
from replicated_state import MariaDb, applied_position
from replicated_voters import Voters

# Longer than a primary's STOP SLAVE takes; whoever asks waits for a second.
LOCK_SECONDS = 0.8
STOP_SECONDS = 3
# What was received has to be applied before a replica may be written to; it is as much as the replica lagged.
DRAIN_SECONDS = 3600
HANDOVER_SECONDS = 5
# By then each client's HAProxy has asked both, which it does every 250 ms (database/proxy.ts).
NOTICED_SECONDS = 0.5
# Others may elect somebody meanwhile, where this member does not see it.
FORCED_EPOCHS = 100
log = logging.getLogger("replicated-member")


def promise(view, body: dict, peer: str) -> tuple[int, str]:
    """This voter will acknowledge nothing of an epoch older than the candidate's, ever."""
    epoch, name = int(body["epoch"]), view.config["name"]
    # Who knows only an older set learns of the newer one before it votes.
    voters = max(Voters.of(body["voters"]), in_force([view.me], view.config["members"]), key=lambda known: known.age)
    if peer not in voters.names or name not in voters.names:
        return 409, "only voters elect, and are elected"
    if not view.lock.acquire(timeout=LOCK_SECONDS):
        return 409, "busy"
    try:
        # What it has seen may be older than what it has said since.
        said = {each: view.durable[each] for each in ("promised", "newest")}
        me = replace(view.me, silent=time.monotonic() - view.primary_seen, history=history_of(), **said)
        others = [member for member in view.others.values() if member]
        patience, history = view.config["suspectTimeout"], int(body.get("history", 0))
        problem = may_promise(me, leader_of([me, *others]), epoch, peer, patience, history)
        if problem:
            return 409, problem
        view.durable.hear(history)
        view.durable.keep(promised=epoch)
        if me.leads and not view.yields_to:
            fence(view)
            return 409, "MariaDB hung here: it was killed"
        if me.process == "running":
            stop_acknowledging()
        return 200, json.dumps(asdict(view.look()))
    finally:
        view.lock.release()
        view.wake.set()


def stop_acknowledging() -> None:
    """A thread that waits for a primary of which nothing is heard ends when its wait does (slave_net_timeout)."""
    database = MariaDb(timeout=STOP_SECONDS)
    database.rows("STOP SLAVE IO_THREAD")
    database.close()


def campaign(view, renew: bool = False, force: bool = False) -> None:
    """`force` is a person's permission to go on without the writes that members may hold who do not answer."""
    config, name = view.config, view.config["name"]
    answering = known(view)
    voters = in_force(answering, config["members"])
    with view.lock:
        known_epoch = max([latest(view.durable["epochs"]), *(member.promised for member in answering)])
        epoch = known_epoch + (FORCED_EPOCHS if force else 1)
        view.durable.keep(promised=epoch)
    with ThreadPoolExecutor(max_workers=1) as pool:
        asking = pool.submit(ask_voters, view, epoch, voters)
        if not renew:
            stop_acknowledging()
        replies = asking.result()
    me = view.look()
    given = {name: parse(reply) for name, reply in replies.items() if reply}
    granted = [me, *of_history(me.history, given).values()]
    # What a majority of these knows is what counts, and if that is others than were asked, the next try asks them.
    voters = in_force(granted, config["members"])
    problem = election_problem(granted, voters, name)
    if problem and not force:
        log.info("not elected for epoch %d: %s", epoch, problem)
        return
    log.info("elected for epoch %d by %s", epoch, ", ".join(member.name for member in granted))
    alone = force or (renew and unaided(me))
    voters = (Voters((name,)) if alone else voters).begun_by(epoch)
    if not begin_with(view, voters):
        log.info("no majority of %s has taken note of the epoch", ", ".join(voters.names))
        return
    if not renew:
        drain(view)
    with view.lock:
        if view.durable["promised"] != epoch:
            log.info("another election has begun meanwhile")
            return
        lead(view, epoch)
    tell_others(view)


def begin_with(view, voters: Voters) -> bool:
    """A majority knows who votes in this epoch before anything is written in it."""
    with view.lock:
        if view.durable["promised"] != voters.epoch:
            return False
        view.durable.keep(voters=asdict(voters))
    return spread(view, voters)


def tell_others(view) -> None:
    """They would ask soon, but every moment counts."""
    view.peers.ask_all("/news", asdict(view.me), timeout=0.5)


def ask_voters(view, epoch: int, voters: Voters) -> dict[str, dict | None]:
    others = [voter for voter in voters.names if view.others.get(voter)]
    body = {"epoch": epoch, "history": view.me.history, "voters": asdict(voters)}
    return view.peers.ask_all("/promise", body, others, timeout=STOP_SECONDS + 1)


def begin(view) -> tuple[int, str]:
    """What a restore has put here is the cluster's: from the release on it asks for votes, as the only one who has rows."""
    me = view.look()
    if me.process != "running" or me.history != NO_ROWS or not HELD.exists():
        return 409, "no restore waits here to be finished"
    if not any(view.others.get(voter) for voter in view.voters.names) and view.voters.names != (me.name,):
        return 409, "no other voter answers, and without its promise nobody is elected"
    me = begun(me, time.time())
    view.durable.keep(epochs=me.epochs, formed=me.formed, alone=me.alone, seeded="", errant="")
    keep_history(me.history)
    log.info("a restore has begun the history %d at %d-%d", me.history, *me.position)
    return 200, "{}"


def drain(view) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while applied_position(view.database) != view.look().position:
        if time.monotonic() > deadline:
            raise OSError(f"what was received is not applied after {DRAIN_SECONDS} s")
        time.sleep(0.02)


def lead(view, epoch: int) -> None:
    database = view.database
    database.rows("STOP SLAVE")
    database.rows("RESET SLAVE ALL")
    server, sequence = applied_position(database)
    view.durable.learn({str(epoch): [view.config["name"], view.config["serverId"], sequence]})
    view.durable.keep(formed=True)
    admit_replicas(view)
    # From here on a write waits until a voter holds it too, if any other one has rows.
    waits = not view.durable["alone"] and len(view.own_voters().names) > 1
    database.rows(f"SET GLOBAL rpl_semi_sync_master_enabled = {'ON' if waits else 'OFF'}")
    view.run.memory.keep(leads=epoch, follows="", follows_epoch=0, warm=True)
    database.rows("SET GLOBAL read_only = OFF")
    view.primary_seen = view.primary_majority_seen = time.monotonic()
    view.me, view.seen = view.look(), time.monotonic()
    log.info("primary of epoch %d from %d-%d on", epoch, server, sequence)


def switchover(view, to: str | None) -> tuple[int, str]:
    """In good order: writes wait meanwhile, and nobody loses a session before clients know of another primary."""
    began = time.monotonic()
    if not view.me.leads:
        return 409, "this member is not the primary"
    candidates = [member.name for member in able_to_lead(view.me, known(view), view.config["members"])]
    if not candidates or (to and to not in candidates):
        return 409, f"{to or 'no other voter'} is not a replica that is up to date"
    target = to or candidates[0]
    if not view.writing.acquire(timeout=HANDOVER_SECONDS):
        return 409, "no voter acknowledges writes"
    database = MariaDb(timeout=HANDOVER_SECONDS)
    try:
        database.rows("SET SESSION lock_wait_timeout = %s", HANDOVER_SECONDS - 1)
        # Who writes waits, and is not refused as by read_only, until this session ends.
        database.rows("FLUSH TABLES WITH READ LOCK")
        view.yields_to = target
        deadline = time.monotonic() + HANDOVER_SECONDS
        while not (taken := took_over(view, target)) and time.monotonic() < deadline:
            time.sleep(0.02)
        if not taken:
            return 409, f"{target} did not take over within {HANDOVER_SECONDS} s: {view.config['name']} is the primary still"
        database.rows("SET GLOBAL read_only = ON")
        # Meanwhile its health check says that nobody new is to come; from then on, that it is not the primary.
        time.sleep(NOTICED_SECONDS)
        view.run.memory.keep(leads=0)
        database.rows("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
        end_sessions(database)
    finally:
        view.yields_to = ""
        # Whoever writes next must know whether this is the primary still.
        view.me = view.look()
        view.writing.release()
        database.close()
        view.wake.set()
    return 200, json.dumps({"primary": target, "seconds": round(time.monotonic() - began, 3)})


def took_over(view, target: str) -> bool:
    view.me = view.look()
    view.peers.ask(target, "/news", asdict(view.me))
    found = view.peers.ask(target, "/state")
    return bool(found and found["leads"] > view.me.leads)


def end_sessions(database: MariaDb) -> None:
    """Clients would go on to ask a member that takes no writes."""
    own = "('root', 'system user', 'replication', 'event_scheduler')"
    for session in database.rows(f"SELECT id FROM information_schema.processlist WHERE user NOT IN {own}"):
        try:
            database.rows("KILL %s", session["id"])
        except MySQLError as error:
            # It has ended by itself.
            log.info("session %s: %s", session["id"], error)
