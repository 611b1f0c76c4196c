"""What a host's gate keeps in gate.json of the role's store, and the way back.

passed    the manifest and the settings that passed last
trial     what is tried: its release, the former one, what was published and had passed until then; and, once this host has passed,
          until when (seconds since 1970) the others of its group have time: if they are not through by then, this host goes back, too
put_back  the release that was put back last, why, and when
"""

import contextlib
import json
import subprocess
import time
from pathlib import Path

import content_releases
import content_store
from content_releases import current, name_of
from content_store import Store, locked

PROGRAM = "/usr/local/lib/evenkeel/site-gate"


class Gate:
    def __init__(self, role: str, host: str):
        self.role, self.host = role, host
        self.store = Store(role)
        self.passed: dict | None = None
        self.trial: dict | None = None
        self.put_back: dict | None = None
        with contextlib.suppress(OSError):
            known = json.loads((self.store.folder / "gate.json").read_text())
            self.passed, self.trial, self.put_back = known["passed"], known["trial"], known["put_back"]

    def save(self) -> None:
        known = {"passed": self.passed, "trial": self.trial, "put_back": self.put_back}
        self.store.write("gate.json", json.dumps(known))

    def begin(self, tried: str, former: str | None, published: str) -> None:
        self.trial = {"tried": tried, "former": former, "published": published, "passed": self.passed, "until": None}
        self.save()

    def passes(self, passed: dict, seconds: int) -> None:
        """With so many seconds for the others of its group, if it has to wait for any."""
        self.passed, self.put_back = passed, None
        if self.trial and seconds:
            self.trial["until"] = time.time() + seconds
            start_timer(self.role, self.host, seconds)
        else:
            self.trial = None
        self.save()

    def fails(self, why: str) -> str | None:
        """Serves the former release again; at once, as the host's lock may be another one's for minutes. Tells which it is."""
        trial, self.trial = self.trial, None
        assert trial
        former = trial["former"]
        if former and current(content_releases.base_of(former)) == trial["tried"]:
            content_releases.switch(former)
        with locked(content_store.RUN / "lock"):
            self.store = Store(self.role)
            # What is tried is not what is published: the next `up` tries it again.
            self.store.record.published = trial["published"]
            self.store.save()
            self.passed = trial["passed"]
            if former:
                self.put_back = {"release": name_of(trial["tried"]), "why": why, "at": time.time()}
            self.save()
        return name_of(former) if former else None


def timer_of(role: str) -> str:
    return f"evenkeel-gate-{role}"


def start_timer(role: str, host: str, seconds: int) -> None:
    """By itself, as whoever deploys may be gone by then."""
    stop_timer(role)
    when = ["--on-active", str(seconds), "--timer-property=AccuracySec=1s"]
    words = ["systemd-run", "--quiet", "--collect", f"--unit={timer_of(role)}", *when, PROGRAM, "lapse", role, host]
    subprocess.run(words, check=True)


def stop_timer(role: str) -> None:
    if Path("/run/systemd/transient", f"{timer_of(role)}.timer").exists():
        subprocess.run(["systemctl", "stop", f"{timer_of(role)}.timer"], check=False)
