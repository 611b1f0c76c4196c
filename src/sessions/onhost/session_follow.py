"""The daemon: this store gets what it was not there for."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from member_watch import Edition, Patience
from session_redis import FORGET, Unreachable, connect, fetch, missed, run_of

STATE = Path("/run/evenkeel-session-store/state.json")
PAUSE_S = 1
# What no client could say any more: one that died between a write and the mark.
ANEW_S = 600


@dataclass
class Fetched:
    """When all was fetched from another store, and by which run of this one."""

    run: str
    at: float


def follow(config: dict) -> int:
    edition = Edition("evenkeel-session-store.service", "session-store", "session_*.py")
    follower = Follower(config)
    while not edition.is_former():
        follower.turn()
        time.sleep(PAUSE_S)
    return 0


class Follower:
    def __init__(self, config: dict):
        self.name = config["name"]
        self.own = connect(config, self.name)
        self.others = {name: connect(config, name) for name in config["stores"] if name != self.name}
        self.fetched: dict[str, Fetched] = {}
        self.patience = {name: Patience() for name in self.others}

    def turn(self) -> None:
        try:
            run = run_of(self.own)
        except Unreachable:
            # systemd starts it again, and then there is all to fetch.
            return keep({})
        keep({"run": run, "others": {name: self.look(name, run) for name in self.others}})

    def look(self, name: str, run: str) -> str:
        """How this store is to another one: it has all of that, it lacks something, or that one is away."""
        other = self.others[name]
        try:
            mark = other.get(missed(self.name))
        except Unreachable:
            return "away"
        former = self.fetched.get(name)
        if mark is None and former and former.run == run and time.monotonic() - former.at < ANEW_S:
            return "whole"
        if not self.patience[name].allows():
            return "lacking"
        try:
            count = fetch(self.own, other)
            if mark is not None:
                other.eval(FORGET, 1, missed(self.name), mark)
        except Unreachable as problem:
            print(f"{name}: {problem}", file=sys.stderr, flush=True)
            return "lacking"
        if count:
            print(f"{count} sessions from {name}", flush=True)
        self.patience[name].reset()
        self.fetched[name] = Fetched(run, time.monotonic())
        return "whole"


def keep(state: dict) -> None:
    new = STATE.with_suffix(".new")
    new.write_text(json.dumps(state))
    new.rename(STATE)
