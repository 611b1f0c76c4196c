"""What differs between kinds of clusters: how a backup is eased, how a member is held, and how it begins and follows."""

import subprocess
from pathlib import Path

import pymysql
from backup_storage import Failed

LIBRARY = Path("/usr/local/lib/evenkeel")
SOCKET = "/run/mysqld/mysqld.sock"
# Set while this host's member is out of the cluster's flow control on our behalf.
DESYNCED = Path("/run/evenkeel/backup.desynced")
GALERA_HOLD = Path("/run/evenkeel/galera.hold")
# Of a replicated member's rows: a restore is not finished. replicated_history.py reads it.
UNFINISHED = ("evenkeel-history", "-1")


class Galera:
    backup_options = ("--galera-info",)

    def before_backup(self) -> None:
        """The cluster does not wait for a member that is busy with its backup."""
        DESYNCED.touch()
        query("SET GLOBAL wsrep_desync = ON")

    def after_backup(self) -> None:
        if DESYNCED.exists():
            # A MariaDB that has stopped since is in step when it starts.
            if is_running():
                query("SET GLOBAL wsrep_desync = OFF")
            DESYNCED.unlink()

    def hold(self) -> None:
        GALERA_HOLD.parent.mkdir(parents=True, exist_ok=True)
        GALERA_HOLD.touch()

    def release(self) -> None:
        GALERA_HOLD.unlink(missing_ok=True)

    def mark(self, rows: Path) -> None: ...

    def begin(self) -> None:
        """Without a grastate.dat it is a new cluster, with an identity of its own: a member that comes late with
        the former rows is not taken for one of its own."""
        run("galera_new_cluster")

    def lead(self) -> None: ...

    def follow(self) -> None:
        """With an empty data directory its daemon has it take a full state transfer."""


class Replicated:
    backup_options = ()

    def before_backup(self) -> None: ...

    def after_backup(self) -> None: ...

    def hold(self) -> None:
        run(str(LIBRARY / "replicated-member"), "hold")

    def release(self) -> None:
        run(str(LIBRARY / "replicated-member"), "release")

    def mark(self, rows: Path) -> None:
        """Until the logs are replayed, these are rows of no history: nobody takes them for the cluster's."""
        name, text = UNFINISHED
        (rows / name).write_text(text)

    def begin(self) -> None:
        run("systemctl", "start", "mariadb")

    def lead(self) -> None:
        """With a history of its own: a member that comes late with the former rows is seeded, and never elected."""
        run(str(LIBRARY / "replicated-member"), "begin")

    def follow(self) -> None:
        """With an empty data directory its daemon seeds it from the primary."""


def kind_of(config: dict) -> Galera | Replicated:
    return {"galera": Galera, "replicated": Replicated}[config["kind"]]()


def is_running() -> bool:
    return subprocess.run(["systemctl", "-q", "is-active", "mariadb"], check=False).returncode == 0


def query(statement: str, *values: object) -> list[tuple]:
    connection = pymysql.connect(unix_socket=SOCKET, user="root", autocommit=True, read_timeout=600)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()}")
