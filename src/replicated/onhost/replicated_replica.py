"""How a member starts, follows a primary, is kept from acknowledging anything, and whether it may be read from."""

import logging
import subprocess
from pathlib import Path

from replicated_member import Member
from replicated_state import MariaDb, applied_position

ENVIRONMENT = Path("/run/evenkeel/mariadb.env")
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
    """On every member by itself: whoever becomes the primary lets all others in. A certificate opens, no password does."""
    addresses = view.config["addresses"]
    wanted = {"pid": view.run.memory["pid"], "addresses": addresses}
    if view.admitted == wanted:
        return
    database = MariaDb(timeout=20)
    database.rows("SET SESSION sql_log_bin = OFF")
    known = {row["Host"] for row in database.rows("SELECT Host FROM mysql.user WHERE user = 'replication'")}
    for name, address in addresses.items():
        user = f"'replication'@'{address}'"
        database.rows(f"CREATE OR REPLACE USER {user} IDENTIFIED VIA mysql_native_password REQUIRE SUBJECT '/CN={name}'")
        database.rows(f"GRANT REPLICATION SLAVE ON *.* TO {user}")
    for address in known - set(addresses.values()):
        database.rows(f"DROP USER 'replication'@'{address}'")
    database.close()
    view.admitted = wanted


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
        tls = ", ".join(f"MASTER_SSL_{key.upper()} = '{view.config[key]}'" for key in ("ca", "cert", "key"))
        database.rows(
            f"""CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = 3306, MASTER_USER = 'replication', MASTER_PASSWORD = '',
            MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 0.25, MASTER_SSL = 1, {tls},
            MASTER_SSL_VERIFY_SERVER_CERT = 1""",
            name,
        )
        database.rows("START SLAVE")
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
    """While no other voter has any data, nobody could acknowledge, and a copy could not be made of a write that waits."""
    others = [view.others.get(name) for name in view.voters if name != view.config["name"]]
    if any(member and member.warm for member in others):
        view.durable.keep(alone=False, permitted=0)
    # Nor can one that does not answer have rows of a restore that nobody has copied.
    alone = view.durable["alone"] or view.me.unaided or all(member and not member.formed for member in others)
    if alone == view.me.semisync:
        log.info("writes %s", "do not wait: no other voter has all data" if alone else "wait until a voter holds them too")
        view.database.rows(f"SET GLOBAL rpl_semi_sync_master_enabled = {'OFF' if alone else 'ON'}")


def tend_replica(view) -> None:
    """A replica that has all that its primary had a moment ago is a full member from then on."""
    me = view.me
    primary = view.others.get(me.follows)
    if not primary or primary.leads != me.follows_epoch or me.io != "Yes" or me.sql != "Yes":
        return
    if primary.semisync and not me.semisync and me.name in view.voters:
        # Whether it acknowledges is settled when it connects.
        with view.lock:
            if view.durable["promised"] == me.follows_epoch:
                view.database.rows("STOP SLAVE IO_THREAD")
                view.database.rows("START SLAVE IO_THREAD")
    if me.position[1] >= primary.position[1]:
        view.run.memory.keep(warm=True)
        # One that believes itself alone would be elected without this member's vote.
        view.durable.keep(formed=view.durable["formed"] or not primary.alone)


def is_readable(me: Member, others: dict[str, Member | None], max_lag: float, before: bool) -> bool:
    """A replica that lagged comes back when it lags half as much; the primary is read from when no replica can be."""
    if me.process != "running":
        return False
    if me.leads:
        return not any(member and member.readable for member in others.values() if member and not member.leads)
    return me.lag is not None and me.lag <= (max_lag if before else max_lag / 2)
