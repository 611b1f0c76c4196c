"""A new member's first position: who holds the same as the others has it told by number, and needs no copy of it.

What a package makes of a data directory is the same on every host but for the time it was made. So each new member removes
that, and takes as its cluster's uuid a checksum of what it holds, of its MariaDB's version and of the cluster's authority:
equal uuids are equal rows. With a position in that uuid, Galera sends it only what was written since.
"""

import contextlib
import hashlib
import logging
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pymysql
from galera_state import CLAIM, DATA, SEEDED, is_pristine, is_started, read_grastate

SOCKET = DATA / "evenkeel-seed.sock"
# While it is there, what lies in the data directory is half done.
SEEDING = Path("/var/lib/evenkeel/galera.seeding")
SECONDS = 60
LEFTOVERS = ["grastate.dat", "gvwstate.dat", "galera.cache"]
# Alone, and where nobody can reach it.
ALONE = [
    *["--wsrep-on=ON", "--wsrep-provider=/usr/lib/galera/libgalera_smm.so", "--wsrep-cluster-address=gcomm://"],
    *["--wsrep-new-cluster", "--binlog-format=ROW", "--wsrep-node-address=127.0.0.1"],
    "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:14567;base_port=14567;gcache.size=1M",
]
SAME_EVERYWHERE = [
    "UPDATE mysql.proxies_priv SET timestamp = 0",
    "UPDATE mysql.proc SET created = 0, modified = 0",
    "UPDATE sys.sys_config SET set_time = 0",
]
TABLES = """SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE'
    AND table_schema IN ('mysql', 'sys') AND table_name NOT IN ('innodb_index_stats', 'innodb_table_stats') ORDER BY 1"""
log = logging.getLogger("galera-member")


def seed(config: dict) -> None:
    if is_started() or not CLAIM.exists():
        return
    if SEEDING.exists():
        undo()
    if not is_pristine() or not (DATA / "mysql").is_dir() or (DATA / "multi-master.info").exists():
        # The last is what every start leaves behind: who has run may hold anything.
        return
    SEEDING.touch()
    try:
        position = f"{begin(config)}:1"
        SEEDED.write_text(position)
        log.info("holds what every new member of this cluster does: position %s", position)
        SEEDING.unlink()
    except (pymysql.Error, OSError, subprocess.SubprocessError, RuntimeError) as error:
        log.warning("will join with a whole copy: %s", error)
        undo()


def begin(config: dict) -> str:
    with server() as cursor:
        for statement in SAME_EVERYWHERE:
            cursor.execute(statement)
        cursor.execute(TABLES)
        tables = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(f"CHECKSUM TABLE {tables}")
        held = repr((cursor.connection.server_version, cursor.fetchall()))
    authority = Path(config["ca"]).read_bytes()
    origin = str(uuid.UUID(hashlib.sha256(authority + held.encode()).hexdigest()[:32]))
    grastate = DATA / "grastate.dat"
    grastate.write_text(f"# GALERA saved state\nversion: 2.1\nuuid:    {origin}\nseqno:   0\nsafe_to_bootstrap: 1\n")
    shutil.chown(grastate, "mysql", "mysql")
    with server(*ALONE) as cursor:
        await_ready(cursor)
    (DATA / "galera.cache").unlink(missing_ok=True)
    state = read_grastate()
    if (state.get("uuid"), state.get("seqno")) != (origin, "1"):
        raise RuntimeError(f"it ended at {state}")
    return origin


@contextlib.contextmanager
def server(*options: str) -> Iterator[pymysql.cursors.Cursor]:
    common = ["--no-defaults", "--user=mysql", f"--datadir={DATA}", f"--socket={SOCKET}", "--skip-networking"]
    process = subprocess.Popen(["mariadbd", *common, *options], stderr=subprocess.DEVNULL)
    try:
        with connect(process) as connection, connection.cursor() as cursor:
            yield cursor
    finally:
        process.terminate()
        process.wait(SECONDS)


def connect(process: subprocess.Popen) -> pymysql.Connection:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return pymysql.connect(unix_socket=str(SOCKET), user="root", autocommit=True, read_timeout=SECONDS)
        except (pymysql.Error, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def await_ready(cursor: pymysql.cursors.Cursor) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        cursor.execute("SHOW STATUS LIKE 'wsrep_ready'")
        if cursor.fetchall()[0][1] == "ON":
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"not ready after {SECONDS} s")
        time.sleep(0.05)


def undo() -> None:
    for name in LEFTOVERS:
        (DATA / name).unlink(missing_ok=True)
    SEEDED.unlink(missing_ok=True)
    SEEDING.unlink(missing_ok=True)
