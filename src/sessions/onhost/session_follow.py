"""The daemon: this store gets what it was not there for."""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from member_watch import Edition, Patience
from session_redis import (
    FORGET,
    NOTHING_MISSED,
    Unreachable,
    connect,
    fetch,
    missed,
    run_of,
)

STATE = Path("/run/evenkeel-session-store/state.json")
PAUSE_S = 0.5
# What no client could say any more: one that died between a write and the mark.
ANEW_S = 600
# A store that took so long for an answer may have missed something: pages do not wait for it much longer.
HUNG_S = 0.3
# So long a store's word holds, by the clock.
WORD_S = 1.5
# One that does not answer for so long is away.
AWAY_S = 0.6
# What one had that has been away for so long nobody waits for.
GONE_S = 5


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
        self.watched = {name: connect(config, name, AWAY_S) for name in self.others}
        self.fetched: dict[str, Fetched] = {}
        self.patience = {name: Patience() for name in self.others}
        # When each other one was last seen, and what this one had of it then.
        self.seen = {name: (time.monotonic(), "lacking") for name in self.others}
        self.away: set[str] = set()
        self.run = ""

    def turn(self) -> None:
        asked = time.monotonic()
        try:
            run = run_of(self.own)
        except Unreachable:
            # systemd starts it again, and then there is all to fetch.
            self.run = ""
            return keep({})
        if run != self.run:
            self.run = run
            self.may_lack(set(self.others))
        elif time.monotonic() - asked > HUNG_S:
            self.may_lack(set(self.others) - self.away)
        others = {name: self.look(name, run) for name in self.others}
        keep({"run": run, "others": others})
        self.away = {name for name, how in others.items() if how == "away"}
        self.seen |= {name: (time.monotonic(), others[name]) for name in set(others) - self.away}
        self.gives_word(all(self.has_all_of(name) for name in self.others))

    def may_lack(self, names: set[str]) -> None:
        """Until these others have been looked at."""
        self.seen |= {name: (self.seen[name][0], "lacking") for name in names}
        self.gives_word(False)

    def has_all_of(self, name: str) -> bool:
        at, how = self.seen[name]
        return how == "whole" or time.monotonic() - at > GONE_S

    def gives_word(self, is_whole: bool) -> None:
        """What pages go by that reach no other store, and which ones they need not try."""
        try:
            if is_whole:
                # The next turn waits for those that hang.
                until = time.time() + WORD_S + AWAY_S * len(self.away)
                self.own.set(NOTHING_MISSED, json.dumps(sorted(self.away)), pxat=int(1000 * until))
            else:
                self.own.delete(NOTHING_MISSED)
        except Unreachable as problem:
            print(f"{self.name}: {problem}", file=sys.stderr, flush=True)

    def look(self, name: str, run: str) -> str:
        """How this store is to another one: it has all of that, it lacks something, or that one is away."""
        try:
            mark = self.watched[name].get(missed(self.name))
        except Unreachable:
            return "away"
        former = self.fetched.get(name)
        if mark is None and former and former.run == run and time.monotonic() - former.at < ANEW_S:
            return "whole"
        if mark is not None:
            self.gives_word(False)
        if not self.patience[name].allows():
            return "lacking"
        try:
            count = fetch(self.own, self.others[name])
            if mark is not None:
                self.others[name].eval(FORGET, 1, missed(self.name), mark)
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
