"""When a calendar event of systemd's was last due: what hosts that wake by one schedule call that moment."""

import re
import subprocess
from datetime import UTC, datetime, timedelta

# A moment, in UTC; they sort by their names.
NAME = "%Y%m%dT%H%M%SZ"


def last_slot(schedule: str, now: datetime) -> str:
    """When the schedule was last due: the same on every member, whenever its timer or its boot started it."""
    for days in (1 / 24, 1, 8, 32, 366):
        due = [time for time in elapses(schedule, now - timedelta(days=days)) if time <= now]
        if due:
            return due[-1].strftime(NAME)
    return now.strftime(NAME)


def elapses(schedule: str, since: datetime) -> list[datetime]:
    base = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    command = ["systemd-analyze", "calendar", "--iterations=400", f"--base-time={base}", schedule]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C"})
    # `Next elapse: Sat 2026-11-21 02:17:00 UTC`, then `Iter. #2: …`
    found = re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+) (\S+) UTC", done.stdout)
    return [datetime.fromisoformat(f"{date}T{time}+00:00") for date, time in found]
