"""Binary logs: shipped to the storage every few minutes by the member that writes, replayed onto a restored backup."""

import argparse
import json
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from backup_kinds import is_running, query
from backup_storage import Backup, Failed, Storage, state_file

COLLECTED = Path("/var/lib/mysql.binlogs")


def ship(config: dict, _: Storage, __: argparse.Namespace) -> None:
    """Only files that the server has closed: what is in the storage is never half a log."""
    if not is_running():
        return
    ((log_bin, read_only, base, position),) = query("SELECT @@log_bin, @@read_only, @@log_bin_basename, @@gtid_binlog_pos")
    shipped = noted_position(config)
    if not log_bin or read_only or (shipped.exists() and shipped.read_text() == position):
        return
    query("FLUSH BINARY LOGS")
    closed = [str(Path(base).with_name(row[0])) for row in query("SHOW BINARY LOGS")][:-1]
    storage = Storage(config, "binlogs")
    storage.begin()
    storage.run("backup", "--tag", "binlogs", "--host", config["name"], *closed, patience=120)
    shipped.parent.mkdir(parents=True, exist_ok=True)
    shipped.write_text(position)


def noted_position(config: dict) -> Path:
    """The position at the last shipping: a log without rows is not worth a file."""
    return state_file(config, "shipped")


def keep_the_newest(config: dict) -> None:
    """Each snapshot has all logs that its host had: one a day reaches back as far as the backups do."""
    if config["binlogs"]:
        storage = Storage(config, "binlogs")
        storage.run("unlock")
        kept = ["--group-by", "host", "--keep-last", "12", "--keep-daily", str(config["keep"] + 1)]
        storage.run("forget", *kept, "--prune", patience=600)


def position_of(prepared: Path) -> str:
    """The GTID position of a prepared backup: the third word of what mariabackup notes, nothing without binary logs."""
    noted = prepared / "xtrabackup_binlog_info"
    words = noted.read_text().split() if noted.exists() else []
    return words[2] if len(words) > 2 else ""


def collect(config: dict, backup: Backup, until: datetime) -> list[Path]:
    """The logs since a backup, of the host that shipped last before the next restore: its rows are the cluster's."""
    storage = Storage(config, "binlogs")
    snapshots = [each for each in storage.snapshots() if each.time > backup.time]
    restored = next((each.time for each in snapshots if "restored" in each.tags), None)
    usable = [each for each in snapshots if "binlogs" in each.tags and (restored is None or each.time < restored)]
    if restored and until > restored:
        when = f"{restored:%Y%m%dT%H%M%SZ}"
        raise Failed(f"a restore began another history at {when}, and no backup of it was made before that time")
    if not usable:
        raise Failed(f"no binary logs were shipped since {backup.name}")
    if usable[-1].time < until:
        print(f"binary logs were shipped until {usable[-1].name}: what was written after that is not there", file=sys.stderr)
    shutil.rmtree(COLLECTED, ignore_errors=True)
    COLLECTED.mkdir(mode=0o700)
    found: dict[str, Path] = {}
    for snapshot in reversed([each for each in usable if each.member == usable[-1].member]):
        listed = [json.loads(each) for each in storage.run("ls", "--json", snapshot.id, "--no-lock").splitlines()]
        for node in listed:
            if node.get("type") != "file" or node["name"] in found or datetime.fromisoformat(node["mtime"]) < backup.time:
                continue
            found[node["name"]] = COLLECTED / node["name"]
            with found[node["name"]].open("wb") as file:
                dump = storage.start("dump", snapshot.id, node["path"], "--no-lock", stdout=file)
                message = dump.communicate()[1].decode().strip()
            if dump.returncode != 0:
                raise Failed(f"{node['name']} could not be brought here: {message}")
    return [found[name] for name in sorted(found)]


def set_position(position: str) -> None:
    """A primary's own copy does not tell it, and new rows must not get the numbers of those that are there."""
    query("SET GLOBAL gtid_slave_pos = %s", position)


def replay(position: str, logs: list[Path], until: datetime) -> None:
    """From the backup's position on: the server's own program knows where that is, and refuses logs with a gap."""
    # It takes the host's own time.
    stop = f"--stop-datetime={until.astimezone():%Y-%m-%d %H:%M:%S}"
    words = ["mariadb-binlog", stop, f"--start-position={position}", *map(str, logs)]
    source = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    sink = subprocess.run(["mariadb"], stdin=source.stdout, capture_output=True, check=False)
    source.stdout.close()
    message = source.stderr.read().decode().strip()
    if source.wait() != 0 or sink.returncode != 0:
        raise Failed(f"the binary logs could not be replayed: {message} {sink.stderr.decode().strip()}")
    # What another server wrote last counts as this one's position only when it is said so: a copy that a replica took
    # before this one's first own row began before the replayed ones, and stopped at the first (seen).
    query("SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_binlog_pos")
    shutil.rmtree(COLLECTED)


def begin_anew(config: dict) -> None:
    """From here on the logs tell another history: whoever restores an older backup reads up to this mark."""
    noted_position(config).unlink(missing_ok=True)
    words = ["backup", "--stdin", "--stdin-filename", "restored", "--tag", "restored", "--host", config["name"]]
    Storage(config, "binlogs").run(*words, stdin=b"restored\n", patience=120)
