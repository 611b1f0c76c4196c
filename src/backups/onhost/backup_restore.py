"""The way back. What is brought here is prepared beside the data directory, and takes its place by a change of names."""

import argparse
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import backup_binlogs
from backup_kinds import is_running, kind_of, run
from backup_make import say, tail
from backup_storage import STREAM, Backup, Failed, Storage
from backup_turn import ask

DATA = Path("/var/lib/mysql")
# Complete, before it takes the data directory's place.
READY = Path("/var/lib/mysql.ready")
STAGE = Path("/var/lib/mysql.restore")
# Which backup lies prepared in STAGE.
PREPARED = STAGE / "evenkeel-prepared"
GRANTS = Path("/etc/evenkeel/databases")
# Beside the backup itself, what preparing it and the server's first minutes need.
ROOM = 512 << 20


def fetch(config: dict, storage: Storage, arguments: argparse.Namespace) -> Backup:
    if arguments.until and not config["binlogs"]:
        raise Failed("there are no binary logs of this cluster: it can only go back to the moment of a backup")
    backup = chosen(storage, arguments)
    if PREPARED.exists() and PREPARED.read_text() == backup.id:
        say(f"{backup.name} lies prepared in {STAGE}")
        return backup
    shutil.rmtree(STAGE, ignore_errors=True)
    free = shutil.disk_usage(STAGE.parent).free
    if free < backup.bytes + ROOM:
        kept = " ".join(map(str, DATA.parent.glob("mysql.before-*")))
        needed = f"{backup.name} needs {backup.bytes + ROOM >> 20} MB beside the data directory, and {free >> 20} MB are free"
        raise Failed(f"{needed}{f'; kept from former restores: {kept}' if kept else ''}")
    STAGE.mkdir(mode=0o700)
    say(f"bringing {backup.name} here, {backup.bytes} bytes")
    restic = storage.start("dump", backup.id, f"/{STREAM}", stdout=subprocess.PIPE)
    unpacked = subprocess.run(["mbstream", "-x", "-C", STAGE], stdin=restic.stdout, capture_output=True, check=False)
    restic.stdout.close()
    message = restic.stderr.read().decode().strip()
    if restic.wait() != 0 or unpacked.returncode != 0:
        raise Failed(f"{backup.name} could not be unpacked: {message} {unpacked.stderr.decode().strip()}")
    say("preparing it")
    mariabackup("--prepare")
    PREPARED.write_text(backup.id)
    say(f"{backup.name} is prepared in {STAGE}")
    return backup


def stop(config: dict, _: Storage, arguments: argparse.Namespace) -> None:
    confirmed(config, arguments, "stops the database on this host")
    kind_of(config).hold()
    run("systemctl", "stop", "mariadb")
    say("MariaDB is stopped here, and stays so")


def resume(config: dict, _: Storage, __: argparse.Namespace) -> None:
    kind_of(config).release()
    say("this host goes on with the rows that it has")


def restore(config: dict, storage: Storage, arguments: argparse.Namespace) -> None:
    confirmed(config, arguments, "replaces the rows of the whole cluster")
    serving = [name for name, health in ask(config).items() if name != config["name"] and (health.read or health.write)]
    if serving:
        raise Failed(f"{', '.join(serving)} still serves the rows of before: run `database-backup stop` there first")
    backup = fetch(config, storage, arguments)
    position = backup_binlogs.position_of(STAGE)
    logs = backup_binlogs.collect(config, backup, arguments.until) if arguments.until else []
    kind = kind_of(config)
    kind.hold()
    run("systemctl", "stop", "mariadb")
    PREPARED.unlink()
    shutil.rmtree(READY, ignore_errors=True)
    READY.mkdir(mode=0o755)
    mariabackup("--move-back", f"--datadir={READY}")
    kind.mark(READY)
    run("chown", "-R", "mysql:mysql", str(READY))
    aside = move_aside()
    READY.rename(DATA)
    shutil.rmtree(STAGE, ignore_errors=True)
    say(f"beginning with {backup.name}")
    kind.begin()
    if config["binlogs"]:
        backup_binlogs.set_position(position)
        if arguments.until:
            backup_binlogs.replay(position, logs, arguments.until)
        backup_binlogs.begin_anew(config)
    kind.lead()
    kind.release()
    await_health(config, "write")
    # Clients have come and gone since; who may come in is told by files on this host.
    for wanted in sorted(GRANTS.glob("*.json")):
        run("/usr/local/lib/evenkeel/database-grants", str(wanted))
    say(f"this host serves the rows of {backup.name}; the former ones are in {aside}: remove it when all is well")


def follow(config: dict, _: Storage, arguments: argparse.Namespace) -> None:
    confirmed(config, arguments, "replaces the rows of this host")
    await_writer(config)
    kind = kind_of(config)
    kind.hold()
    run("systemctl", "stop", "mariadb")
    aside = move_aside()
    DATA.mkdir(mode=0o755)
    shutil.chown(DATA, "mysql", "mysql")
    kind.follow()
    kind.release()
    say("taking over the rows of the restored member")
    await_health(config, "read")
    say(f"this host is a member again; its former data are in {aside}: remove it when all is well")


def await_writer(config: dict, seconds: float = 60) -> None:
    """One that has just begun with a backup may be in the middle of its election."""
    deadline = time.monotonic() + seconds
    while not any(health.write for name, health in ask(config).items() if name != config["name"]):
        if time.monotonic() > deadline:
            raise Failed("no other member takes writes: `database-backup restore` comes first, on one of them")
        time.sleep(0.5)


def chosen(storage: Storage, arguments: argparse.Namespace) -> Backup:
    backups = storage.backups()
    if arguments.name:
        backups = [backup for backup in backups if backup.name == arguments.name]
        if not backups:
            raise Failed(f"there is no backup {arguments.name}: `database-backup list` tells which there are")
    if arguments.until:
        backups = [backup for backup in backups if backup.time <= arguments.until]
    if not backups:
        raise Failed("there is no backup of before that time" if arguments.until else "there is no backup yet")
    return backups[-1]


def confirmed(config: dict, arguments: argparse.Namespace, what: str) -> None:
    if arguments.confirm != config["cluster"]:
        raise Failed(f"this {what}: say --confirm {config['cluster']} if that is meant")


def move_aside() -> Path:
    aside = DATA.with_name(f"mysql.before-{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}")
    # A restore that was cut off in between has left none.
    if DATA.exists():
        DATA.rename(aside)
    return aside


def mariabackup(*words: str) -> None:
    command = ["mariabackup", *words, f"--target-dir={STAGE}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"mariabackup {words[0]} failed:\n{tail(done.stderr)}")


def await_health(config: dict, what: str, seconds: float = 3600) -> None:
    deadline = time.monotonic() + seconds
    alone = {**config, "members": [config["name"]]}
    while not getattr(ask(alone)[config["name"]], what):
        failed = subprocess.run(["systemctl", "-q", "is-failed", "mariadb"], check=False).returncode == 0
        if failed or time.monotonic() > deadline:
            raise Failed(f"this host does not serve; is MariaDB running: {is_running()}. `journalctl -u mariadb` tells more")
        time.sleep(0.5)
