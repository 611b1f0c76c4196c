"""What a person asks of the backups."""

import argparse
import json
from datetime import UTC, datetime

from backup_make import at_work
from backup_storage import Backup, Storage, state_file
from backup_turn import last_slot


def init(config: dict, storage: Storage, _: argparse.Namespace) -> None:
    """Shows that the storage is reached and that its password fits; the first member to come makes the repository."""
    storage.init()
    if config["binlogs"]:
        Storage(config, "binlogs").init()


def show_list(_: dict, storage: Storage, arguments: argparse.Namespace) -> None:
    backups = storage.backups()
    if arguments.json:
        print(json.dumps([told(backup) for backup in backups]))
    elif not backups:
        print("There is no backup yet.")
    for backup in [] if arguments.json else backups:
        print(f"{backup.name}  of {backup.member}, {backup.bytes} bytes")


def show_status(config: dict, storage: Storage, arguments: argparse.Namespace) -> None:
    backups = storage.backups()
    noted = state_file(config, "last.json")
    here = json.loads(noted.read_text()) if noted.exists() else None
    status = {
        "last": told(backups[-1]) if backups else None,
        "count": len(backups),
        "due": last_slot(config["schedule"], datetime.now(UTC)),
        "atWork": at_work(storage),
        "here": here,
    }
    if arguments.json:
        print(json.dumps(status))
        return
    last = status["last"]
    print(f"last good backup: {last['name'] + ' of ' + last['member'] if last else 'none yet'} ({status['count']} kept)")
    print(f"last due:         {status['due']}")
    print(f"at work:          {', '.join(status['atWork']) or 'nobody'}")
    if here and not here["good"]:
        print(f"failed on this host, {here['started']}: {here['result']}")


def told(backup: Backup) -> dict:
    return {"name": backup.name, "time": backup.time.isoformat(), "member": backup.member, "bytes": backup.bytes}
