"""What a member of a Galera cluster knows of itself: from MariaDB while it runs, from its data directory while it does not."""

import contextlib
import re
import shutil
import subprocess
from pathlib import Path

import pymysql
from galera_decision import (
    NO_CLUSTER,
    NO_POSITION,
    Member,
)
from member_boot import unit_state
from member_room import ROOM_TO_RETURN, ROOM_TO_STAY, room_for

DATA = Path("/var/lib/mysql")
CLAIM = Path("/var/lib/evenkeel/galera.claimed")
# The position that it began with, before any row was written.
SEEDED = Path("/var/lib/evenkeel/galera.seeded")
DRAINING = Path("/run/evenkeel/galera.draining")
# While it is there, the daemon starts nothing.
HOLD = Path("/run/evenkeel/galera.hold")
CONFIGURATION = Path("/etc/mysql/mariadb.conf.d/70-evenkeel-galera.cnf")
SOCKET = "/run/mysqld/mysqld.sock"
PROGRAMS = "/usr/local/sbin:/usr/sbin"
SYSTEM_SCHEMAS = {"mysql", "performance_schema", "sys"}

STATUS = """SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_state_uuid', 'wsrep_cluster_status',
    'wsrep_evs_state', 'wsrep_incoming_addresses', 'wsrep_last_committed', 'wsrep_local_recv_queue', 'wsrep_local_state', 'wsrep_ready')"""


class Observer:
    """Keeps one connection to MariaDB, and the recovered position of a MariaDB that has stopped."""

    def __init__(self, config: dict):
        self.name = config["name"]
        self.address = config["address"]
        self.founder = config["founder"]
        self.connection: pymysql.Connection | None = None
        self.position: tuple[str, int] | None = None
        self.installed = Installed()

    def look(self) -> Member:
        on_disk = {
            "address": self.address,
            "founder": self.founder,
            "claimed": CLAIM.exists(),
            "configured": CONFIGURATION.exists(),
            "draining": DRAINING.exists(),
            "transfer": (DATA / "sst_in_progress").exists(),
        }
        room = room_for(DATA)
        on_disk["room"] = room
        try:
            status = self.status()
        except (pymysql.Error, OSError):
            on_disk |= {"version": self.installed.version(), "full": room < ROOM_TO_RETURN}
            return Member(self.name, "starting", **on_disk) if is_started() else self.look_at_disk(on_disk)
        self.position = None
        primary = status["wsrep_cluster_status"] == "Primary" and status["wsrep_ready"] == "ON"
        # Who votes and stores nothing has no address for clients.
        view = [each.rsplit(":", 1)[0] for each in status["wsrep_incoming_addresses"].split(",")]
        return Member(
            self.name,
            "running",
            primary=primary,
            # Not one that is being stopped: that closes it too.
            closed=not primary and "wsrep_evs_state" not in status and unit_state() == "active",
            state=int(status["wsrep_local_state"]),
            uuid=status["wsrep_cluster_state_uuid"],
            seqno=int(status["wsrep_last_committed"]),
            queue=int(status["wsrep_local_recv_queue"]),
            view=tuple(each for each in view if each),
            arbitrated="" in view,
            version=read_version(self.connection.server_version),
            full=room < ROOM_TO_STAY,
            **on_disk,
        )

    def look_at_disk(self, on_disk: dict[str, object]) -> Member:
        if is_pristine():
            return Member(self.name, "stopped", fresh=True, **on_disk)
        grastate = read_grastate()
        uuid, seqno = grastate.get("uuid", NO_CLUSTER), int(grastate.get("seqno", NO_POSITION))
        if is_seeded(uuid, seqno):
            return Member(self.name, "stopped", uuid=uuid, seqno=seqno, seeded=True, **on_disk)
        if uuid == NO_CLUSTER or seqno == NO_POSITION:
            self.position = self.position or recover_position()
            uuid, seqno = self.position
        return Member(
            self.name, "stopped", uuid=uuid, seqno=seqno, safe=grastate.get("safe_to_bootstrap") == "1", **on_disk
        )

    def query(self, statement: str) -> list[tuple]:
        if self.connection is None:
            self.connection = pymysql.connect(
                unix_socket=SOCKET, user="root", autocommit=True, connect_timeout=1, read_timeout=1, write_timeout=1
            )
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        except (pymysql.Error, OSError):
            self.connection.close()
            self.connection = None
            raise

    def read_certificate(self) -> None:
        """A MariaDB that does not run reads it when it starts."""
        with contextlib.suppress(pymysql.Error, OSError):
            self.query("FLUSH LOCAL SSL")

    def status(self) -> dict[str, str]:
        return dict(self.query(STATUS))


class Installed:
    """The MariaDB that would start: asked again when its program is another one."""

    def __init__(self):
        self.stamp: tuple[str | None, int] | None = None
        self.found = ""

    def version(self) -> str:
        path = shutil.which("mariadbd", path=PROGRAMS)
        stamp = (path, Path(path).stat().st_mtime_ns if path else 0)
        if stamp != self.stamp:
            self.stamp = stamp
            self.found = read_version(run_for_output(path, "--version")) if path else ""
        return self.found


def read_version(text: str) -> str:
    found = re.search(r"(\d+\.\d+\.\d+)-MariaDB", text)
    return found[1] if found else ""


def run_for_output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def is_started() -> bool:
    return unit_state() not in ("inactive", "failed")


def is_pristine() -> bool:
    """As the package made it: system schemas only, and never in a cluster."""
    if (DATA / "grastate.dat").exists():
        return False
    return {entry.name for entry in DATA.iterdir() if entry.is_dir()} <= SYSTEM_SCHEMAS if DATA.is_dir() else True


def is_seeded(uuid: str, seqno: int) -> bool:
    return SEEDED.exists() and SEEDED.read_text() == f"{uuid}:{seqno}"


def read_grastate() -> dict[str, str]:
    try:
        text = (DATA / "grastate.dat").read_text()
    except FileNotFoundError:
        return {}
    return dict(re.findall(r"^(\w+):\s*(\S+)$", text, re.MULTILINE))


def recover_position() -> tuple[str, int]:
    """InnoDB's own account of the last write that it holds (galera_recovery, half a second)."""
    found = re.search(r"--wsrep_start_position=([0-9a-f-]{36}):(-?\d+)", run_for_output("galera_recovery"))
    return (found[1], int(found[2])) if found else (NO_CLUSTER, NO_POSITION)
