"""What a person asks of the backups."""

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backup_make import at_work
from backup_storage import Backup, Failed, Storage, state_file
from backup_turn import is_missed
from calendar_slots import NAME, last_slot

# So long after it was due there has to be one: members have given up by then, and a large one is read back.
GRACE = timedelta(hours=8)


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
    here = tried_here(config)
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


def show_last(config: dict, storage: Storage, _: argparse.Namespace) -> None:
    """The last good one, in a line; fails when one is missing that was due, or has just failed here."""
    backups = storage.backups()
    last = f"{backups[-1].name} of {backups[-1].member}" if backups else "none yet"
    newest = backups[-1].name if backups else ""
    here = tried_here(config)
    if here and not here["good"] and newest < datetime.fromisoformat(here["started"]).strftime(NAME):
        raise Failed(f"{last}; one has failed here since: {here['result'].splitlines()[-1]}")
    due = last_slot(config["schedule"], datetime.now(UTC) - GRACE)
    since = datetime.fromtimestamp(Path(config["file"]).stat().st_mtime, UTC).strftime(NAME)
    if is_missed(newest, due, since):
        raise Failed(f"{last}; none was made when it was due, {due}")
    print(last)


def tried_here(config: dict) -> dict | None:
    """How the last try of this host ended."""
    noted = state_file(config, "last.json")
    return json.loads(noted.read_text()) if noted.exists() else None


def told(backup: Backup) -> dict:
    return {"name": backup.name, "time": backup.time.isoformat(), "member": backup.member, "bytes": backup.bytes}
