"""What a member of a replicated cluster remembers, and what it sees of its MariaDB."""

import json
import os
import threading
from dataclasses import asdict
from pathlib import Path

import pymysql
from member_boot import unit_state
from member_room import ROOM_TO_RETURN, ROOM_TO_STAY, room_for
from pymysql.cursors import DictCursor
from replicated_history import DATA, HELD, history_of
from replicated_member import Member, silent_process
from replicated_voters import Voters

CLAIM = Path("/var/lib/evenkeel/replicated.claimed")
# Outlives the host's restarts: what was promised must be kept.
MEMORY = Path("/var/lib/evenkeel/replicated.json")
# Of the MariaDB that runs now.
RUN = Path("/run/evenkeel/replicated.json")
# While it is there, the daemon starts nothing and is no candidate.
HOLD = Path("/run/evenkeel/replicated.hold")
# The program has this host no more: it hands over what it has, and goes.
LEAVING = Path("/var/lib/evenkeel/replicated.leaving")
CONFIGURATION = Path("/etc/mysql/mariadb.conf.d/70-evenkeel-replicated.cnf")
SOCKET = "/run/mysqld/mysqld.sock"
PID_FILE = Path("/run/mysqld/mysqld.pid")
# Only the newest tell whose log is newer.
EPOCHS_KEPT = 50

STATUS = """SELECT @@gtid_binlog_pos, @@gtid_slave_pos, @@gtid_strict_mode, @@read_only, @@rpl_semi_sync_master_enabled,
    @@rpl_semi_sync_slave_enabled"""
SEMISYNC = """SHOW GLOBAL STATUS WHERE Variable_name = 'Rpl_semi_sync_slave_status'"""
LAG = "SELECT TIMESTAMPDIFF(MICROSECOND, at, UTC_TIMESTAMP(6)) / 1e6 AS lag FROM evenkeel.heartbeat"


class Memory:
    """A small JSON file that is on the disk before anybody is told what it holds."""

    def __init__(self, path: Path, defaults: dict):
        self.path = path
        # Several threads keep something, each its own.
        self.lock = threading.RLock()
        self.values = defaults | (json.loads(path.read_text()) if path.exists() else {})

    def __getitem__(self, key: str):
        return self.values[key]

    def keep(self, **changes: object) -> None:
        with self.lock:
            self.write(self.values | changes)

    def hear(self, history: int) -> None:
        with self.lock:
            self.keep(newest=max(self["newest"], history))

    def write(self, changed: dict) -> None:
        if changed == self.values:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        with open(temporary, "w") as file:
            json.dump(changed, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self.path)
        directory = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
        self.values = changed

    def learn(self, epochs: dict[str, list]) -> None:
        with self.lock:
            known = self["epochs"] | epochs
            newest = sorted(known, key=int)[-EPOCHS_KEPT:]
            self.keep(epochs={epoch: known[epoch] for epoch in newest})


def memory() -> Memory:
    rows = {"formed": False, "seeded": "", "errant": "", "newest": 0, "alone": False}
    return Memory(MEMORY, {"promised": 0, "epochs": {}, "voters": asdict(Voters()), **rows})


class Run:
    """What holds for one process of MariaDB and not for the next."""

    def __init__(self):
        self.memory = Memory(RUN, self.new(0))

    @staticmethod
    def new(pid: int) -> dict:
        return {"pid": pid, "leads": 0, "follows": "", "follows_epoch": 0, "warm": False}

    def of(self, pid: int) -> Memory:
        if self.memory["pid"] != pid:
            self.memory.keep(**self.new(pid))
        return self.memory


class MariaDb:
    """One connection, opened anew when it breaks; one thread at a time uses it."""

    def __init__(self, timeout: float = 1):
        self.timeout = timeout
        self.lock = threading.Lock()
        self.connection: pymysql.Connection | None = None

    def rows(self, statement: str, *values: object) -> list[dict]:
        with self.lock:
            return self.ask(statement, values)

    def ask(self, statement: str, values: tuple) -> list[dict]:
        if self.connection is None:
            self.connection = pymysql.connect(
                unix_socket=SOCKET,
                user="root",
                autocommit=True,
                cursorclass=DictCursor,
                connect_timeout=1,
                read_timeout=self.timeout,
                write_timeout=self.timeout,
            )
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            # An error of the statement leaves the connection as it is.
            if not isinstance(error, pymysql.ProgrammingError | pymysql.InternalError):
                self.close()
            raise
        except OSError:
            self.close()
            raise

    def one(self, statement: str, *values: object) -> dict:
        found = self.rows(statement, *values)
        return found[0] if found else {}

    def close(self) -> None:
        if self.connection is not None and self.connection.open:
            self.connection.close()
        self.connection = None


def look(config: dict, database: MariaDb, durable: Memory, run: Run, yields_to: str = "") -> Member:
    name = config["name"]
    remembered = {each: durable[each] for each in ("promised", "epochs", "formed", "errant", "newest", "alone")}
    remembered |= {"history": history_of(), "held": HELD.exists(), "leaving": LEAVING.exists()}
    remembered |= {"voters": Voters.of(durable["voters"]), "members": tuple(config["members"]), "founder": config["founder"]}
    room = room_for(DATA)
    remembered |= {"room": room, "full": room < ROOM_TO_RETURN}
    if not CONFIGURATION.exists():
        return Member(name, "starting", **remembered)
    try:
        status = database.one(STATUS)
        replica = database.one("SHOW SLAVE STATUS")
        semisync = database.one(SEMISYNC)["Value"] == "ON"
        lag = heartbeat_lag(database)
    except (pymysql.MySQLError, OSError):
        process = silent_process(unit_state(), room)
        return Member(name, process, **remembered | {"full": room < (ROOM_TO_STAY if process == "hung" else ROOM_TO_RETURN)})
    if not status["@@gtid_strict_mode"]:
        # As the package started it: the cluster's settings are not in force yet.
        return Member(name, "starting", **remembered)
    current = run.of(int(PID_FILE.read_text()))
    leads = current["leads"] if yields_to or not status["@@read_only"] else 0
    return Member(
        name,
        "running",
        leads=leads,
        yields_to=yields_to,
        position=newest_position(status, replica),
        warm=current["warm"] and replica.get("Slave_SQL_Running") != "No",
        follows=current["follows"],
        follows_epoch=current["follows_epoch"],
        semisync=semisync or bool(status["@@rpl_semi_sync_master_enabled"]),
        acknowledges=bool(status["@@rpl_semi_sync_slave_enabled"]),
        lag=lag,
        io=replica.get("Slave_IO_Running", ""),
        sql=replica.get("Slave_SQL_Running", ""),
        errno=replica.get("Last_IO_Errno", 0) or replica.get("Last_SQL_Errno", 0),
        error=replica.get("Last_IO_Error", "") or replica.get("Last_SQL_Error", ""),
        **remembered | {"full": room < ROOM_TO_STAY},
    )


def heartbeat_lag(database: MariaDb) -> float | None:
    try:
        lag = database.one(LAG).get("lag")
    except pymysql.ProgrammingError:
        # No primary has written one yet.
        return None
    return None if lag is None else max(float(lag), 0.0)


def newest_position(status: dict, replica: dict) -> tuple[int, int]:
    """Of what was written, applied or received; received counts while the thread runs that will apply it."""
    received = replica.get("Gtid_IO_Pos", "") if replica.get("Slave_SQL_Running") == "Yes" else ""
    written = (status["@@gtid_binlog_pos"], status["@@gtid_slave_pos"], received)
    return max((parse_position(each) for each in written), key=lambda position: position[1])


def parse_position(gtids: str) -> tuple[int, int]:
    """`0-1-100` is number 100, written by server 1, in the only domain that is used."""
    for gtid in (gtids or "").split(","):
        parts = gtid.strip().split("-")
        if len(parts) == 3 and parts[0] == "0":
            return int(parts[1]), int(parts[2])
    return 0, 0


def applied_position(database: MariaDb) -> tuple[int, int]:
    return newest_position(database.one(STATUS), {})


def is_pristine() -> bool:
    """As the package made it: system schemas only, and never a member of anything."""
    if (DATA / "grastate.dat").exists() or MEMORY.exists():
        return False
    schemas = {entry.name for entry in DATA.iterdir() if entry.is_dir()} if DATA.is_dir() else set()
    return schemas <= {"mysql", "performance_schema", "sys"}
