"""When unison's record of what two hosts had in common still holds.

unison keeps on both hosts what they had when they exchanged last, and takes for deleted what one of them lacks. That is
wrong once both have exchanged with a third host: what was deleted on all, and made anew alike on one of them, would be
deleted there. So each host notes the reigns it has heard of: a reign begins when a host becomes the centre, and whoever
exchanges in it hears of it, and of all that the other one has heard of. The record of two hosts holds as long as they
have not heard of the same new reign without each other. A centre that comes back after a crash has heard of nothing
meanwhile, so what was deleted without it stays deleted; the hosts that were left to the new centre have had the same
centre before, so those two begin without a record: all files of both, and conflicts by the rule.
"""

import contextlib
import os
import secrets
import shutil
import threading

from sync_local import Local

FILE = "pairs.json"
# Older ones are in no comparison any more.
REIGNS = 200


class Pairs:
    """Written by whoever holds the lock of the exchange: the daemon of a centre, or sync-serve for one."""

    def __init__(self, local: Local) -> None:
        self.local = local
        self.lock = threading.Lock()
        self.load()

    def load(self) -> None:
        record = self.local.read(FILE)
        self.reigns: list[str] = record.get("reigns", [])
        self.pairs: dict[str, dict] = record.get("pairs", {})

    def told(self) -> dict:
        return {"reigns": self.reigns[-REIGNS:], "pairs": self.pairs}

    def begin(self) -> str:
        """A reign of this host."""
        reign = f"{self.local.config['host']}:{secrets.token_hex(4)}"
        with self.lock:
            self.learn([reign], "")
            self.save()
        return reign

    def agree(self, peer: str, theirs: dict) -> str:
        """The record that this centre is to use with a host, which says what it has: the same, or a new one."""
        with self.lock:
            mine = self.pairs.get(peer)
            keep = holds(mine, theirs.get("pairs", {}).get(self.local.config["host"])) and self.folder(peer).is_dir()
            self.use(peer, mine["id"] if mine and keep else secrets.token_hex(8), theirs.get("reigns", []))
            return self.pairs[peer]["id"]

    def accept(self, centre: str, record: str, reigns: list[str]) -> None:
        """The same on the other side."""
        with self.lock:
            self.use(centre, record, reigns)

    def use(self, peer: str, record: str, reigns: list[str]) -> None:
        if self.pairs.get(peer, {}).get("id") != record:
            # Written first: a folder that is left without its record is never used again.
            self.pairs[peer] = {"id": record, "since": []}
            self.save()
            shutil.rmtree(self.folder(peer), ignore_errors=True)
        self.learn(reigns, peer)
        self.save()
        os.makedirs(self.folder(peer).path, mode=0o700, exist_ok=True)
        self.folder(peer).unlock()

    def learn(self, reigns: list[str], peer: str) -> None:
        for reign in reigns:
            if reign not in self.reigns:
                self.reigns.append(reign)
                for other, pair in self.pairs.items():
                    if other != peer:
                        pair["since"].append(reign)

    def whole(self, peer: str) -> None:
        """All of it has been exchanged: what was heard before counts no more."""
        with self.lock:
            if self.pairs[peer]["since"]:
                self.pairs[peer]["since"] = []
                self.save()

    def forget(self, peer: str) -> None:
        with self.lock:
            self.pairs.pop(peer, None)
            self.save()

    def save(self) -> None:
        self.reigns = self.reigns[-2 * REIGNS :]
        self.local.keep(FILE, {"reigns": self.reigns, "pairs": self.pairs})

    def folder(self, peer: str) -> "Folder":
        return Folder(f"{self.local.state}/unison/{peer}")


class Folder:
    """Of unison's record of one pair: its own, so that it can be thrown away alone."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return self.path

    def is_dir(self) -> bool:
        return os.path.isdir(self.path)

    def unlock(self) -> None:
        """What a unison that was killed has left: who uses the folder holds the lock of the exchange, so no other one runs."""
        for name in os.listdir(self.path):
            if name.startswith("lk"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(f"{self.path}/{name}")


def holds(mine: dict | None, theirs: dict | None) -> bool:
    if not mine or not theirs or mine["id"] != theirs["id"]:
        return False
    return set(mine["since"]).isdisjoint(theirs["since"])
