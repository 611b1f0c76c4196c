"""How a member starts, follows a primary, is kept from acknowledging anything, and whether it may be read from."""

import contextlib
import logging
import subprocess
import time
from pathlib import Path

from pymysql import MySQLError
from replicated_member import Member
from replicated_membership import counts, is_solid, makes_full
from replicated_state import MariaDb, applied_position

ENVIRONMENT = Path("/run/evenkeel/mariadb.env")
SESSIONS = "SELECT id FROM information_schema.processlist WHERE user = 'replication' AND host LIKE %s"
log = logging.getLogger("replicated-member")


def systemctl(*arguments: str) -> None:
    done = subprocess.run(["systemctl", "--quiet", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        log.warning("systemctl %s: %s", " ".join(arguments), done.stderr.strip())


def start(role: str) -> None:
    """As SLAVE, MariaDB cuts off its log what nobody had acknowledged when it was killed."""
    ENVIRONMENT.parent.mkdir(parents=True, exist_ok=True)
    ENVIRONMENT.write_text(f"MYSQLD_OPTS=--init-rpl-role={role}\n" if role else "")
    systemctl("start", "--no-block", "mariadb")


def leave() -> None:
    systemctl("stop", "--no-block", "mariadb")


def fence(view) -> None:
    """Killed, not stopped: writes that wait for an acknowledgement must not be told that they succeeded."""
    systemctl("kill", "--signal=KILL", "mariadb")
    view.run.memory.keep(leads=0, warm=False)


def admit_replicas(view) -> None:
    """On every member by itself: whoever becomes the primary lets all others in. A certificate opens, no password does.
    Whose word must not count, and who gives it all the same, stays out."""
    with view.admitting:
        counting = view.own_voters().acknowledging(holds=view.own_voters().age == view.held)
        may = {name for name, member in view.others.items() if name in counting or (member and not member.acknowledges)}
        addresses = {name: each for name, each in view.roll.addresses.items() if name in may and name != view.barred}
        wanted = {"pid": view.run.memory["pid"], "addresses": addresses}
        if view.admitted != wanted:
            admit(addresses)
            view.admitted = wanted


def admit(addresses: dict[str, str]) -> None:
    database = MariaDb(timeout=20)
    database.rows("SET SESSION sql_log_bin = OFF")
    known = {row["Host"] for row in database.rows("SELECT Host FROM mysql.user WHERE user = 'replication'")}
    for name, address in addresses.items():
        user = f"'replication'@'{address}'"
        database.rows(f"CREATE OR REPLACE USER {user} IDENTIFIED VIA mysql_native_password REQUIRE SUBJECT '/CN={name}'")
        database.rows(f"GRANT REPLICATION SLAVE ON *.* TO {user}")
    for address in known - set(addresses.values()):
        database.rows(f"DROP USER 'replication'@'{address}'")
        # Who was let in stays in until its session ends.
        for session in database.rows(SESSIONS, f"{address}:%"):
            with contextlib.suppress(MySQLError):
                database.rows("KILL %s", session["id"])
    database.close()


def known(view) -> list[Member]:
    return [view.me, *(member for member in view.others.values() if member)]


def follow(view, name: str) -> None:
    primary = view.others[name]
    database: MariaDb = view.database
    with view.lock:
        if primary is None or primary.leads < view.durable["promised"]:
            return
        view.durable.keep(promised=primary.leads)
        database.rows("STOP SLAVE")
        database.rows("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
        database.rows("SET GLOBAL read_only = ON")
        server, sequence = applied_position(database)
        # It may have written that itself, as a primary, or got it with a copy of another member's data.
        position = view.durable["seeded"] or (f"0-{server}-{sequence}" if sequence else "")
        if position:
            database.rows("SET GLOBAL gtid_slave_pos = %s", position)
            view.durable.keep(seeded="")
        set_acknowledging(database, counts(primary, view.me.name))
        tls = ", ".join(f"MASTER_SSL_{key.upper()} = '{view.config[key]}'" for key in ("ca", "cert", "key"))
        database.rows(
            f"""CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = 3306, MASTER_USER = 'replication', MASTER_PASSWORD = '',
            MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 0.25, MASTER_SSL = 1, {tls},
            MASTER_SSL_VERIFY_SERVER_CERT = 1""",
            name,
        )
        database.rows("START SLAVE")
        view.followed = time.monotonic()
        view.run.memory.keep(follows=name, follows_epoch=primary.leads, leads=0, warm=False)


def read_certificate(view) -> None:
    """A MariaDB that does not run reads it when it starts."""
    if view.me.process == "running":
        view.database.rows("FLUSH LOCAL SSL")


def tend(view) -> None:
    if view.me.leads:
        tend_primary(view)
    else:
        tend_replica(view)


def tend_primary(view) -> None:
    """A write waits from when another voter could have it. When none has any data, Change has it wait no more."""
    me = view.me
    others = [view.others.get(name) for name in me.voters.names if name != me.name]
    is_only_voter = not others and me.settled
    if is_only_voter or any(member and member.warm for member in others):
        view.durable.keep(alone=False)
    if is_only_voter:
        set_waiting(view, False)
    elif not view.durable["alone"] and any(member and is_solid(member) for member in others):
        set_waiting(view, True)


def set_waiting(view, wanted: bool) -> None:
    if view.me.semisync != wanted:
        log.info("writes %s", "wait until a voter holds them too" if wanted else "do not wait: no other voter has all data")
        view.database.rows(f"SET GLOBAL rpl_semi_sync_master_enabled = {'ON' if wanted else 'OFF'}")


def tend_replica(view) -> None:
    """A replica that has all that its primary had a moment ago is a full member from then on."""
    me = view.me
    primary = view.others.get(me.follows)
    if not primary or primary.leads != me.follows_epoch or me.io != "Yes" or me.sql != "Yes":
        return
    wanted = counts(primary, me.name)
    if me.acknowledges != wanted or (wanted and primary.semisync and not me.semisync):
        # Whether it acknowledges is settled when it connects.
        with view.lock:
            if view.durable["promised"] == me.follows_epoch:
                view.database.rows("STOP SLAVE IO_THREAD")
                set_acknowledging(view.database, wanted)
                view.database.rows("START SLAVE IO_THREAD")
    # What the primary had before this member followed it tells nothing of what it has acknowledged before.
    if me.position[1] >= primary.position[1] and view.heard[primary.name][0] > view.followed:
        with view.lock:
            view.run.memory.keep(warm=True)
            view.durable.keep(formed=view.durable["formed"] or makes_full(primary, view.own_voters()))


def set_acknowledging(database: MariaDb, wanted: bool) -> None:
    """From the next connection on."""
    database.rows(f"SET GLOBAL rpl_semi_sync_slave_enabled = {'ON' if wanted else 'OFF'}")


def is_readable(me: Member, others: dict[str, Member | None], max_lag: float, before: bool) -> bool:
    """A replica that lagged comes back when it lags half as much; the primary is read from when no replica can be."""
    if me.process != "running":
        return False
    if me.leads:
        return not any(member and member.readable for member in others.values() if member and not member.leads)
    return me.lag is not None and me.lag <= (max_lag if before else max_lag / 2)
