"""A centre's exchange with one other host: unison as long as both are well, begun anew when it ends."""

import threading
import time

import sync_copies
from sync_links import Link
from sync_local import Local
from sync_pairs import Pairs
from sync_peer import environment
from sync_run import Run
from sync_unison import SHOWN, command

LONGEST_BACKOFF = 30.0
NOTED_SECONDS = 15.0
# unison tries again what failed, and waits twice as long each time, up to half an hour. Begun anew it tries all at once;
# that reads both trees, so it may cost a tenth of the time at most.
PATIENCE_SECONDS = 60.0
SHARE = 10


class Exchange(threading.Thread):
    def __init__(self, local: Local, pairs: Pairs, link: Link) -> None:
        super().__init__(daemon=True)
        self.local, self.pairs, self.link = local, pairs, link
        self.peer = link.peer
        self.ending = threading.Event()
        self.began = time.monotonic()
        # Ends the present run alone.
        self.anew = threading.Event()
        self.whole_since: float | None = None
        # When the last run that became whole was begun.
        self.whole_began = 0.0
        self.syncing_since: float | None = None
        # In this run: the other host may be made anew before the next one.
        self.told_complete = False
        self.failing_since: float | None = None
        self.first_seconds = 0.0
        self.noted = 0.0

    def steady(self) -> float:
        return 0.0 if self.whole_since is None else time.monotonic() - self.whole_since

    def run(self) -> None:
        backoff = 1.0
        while not self.ending.is_set():
            self.anew.clear()
            began = time.monotonic()
            if waits := self.why_not():
                self.whole_since = self.syncing_since = None
                self.note_late(waits)
                self.ending.wait(1)
                continue
            try:
                problem = self.exchange()
            except OSError as error:
                problem = str(error)
            self.syncing_since = None
            if problem or self.anew.is_set() or not self.local.config["every"]:
                self.whole_since = None
            if self.ending.is_set():
                return
            if problem:
                self.note(ok=False, error=problem)
                backoff = 1.0 if time.monotonic() - began > PATIENCE_SECONDS else min(backoff * 2, LONGEST_BACKOFF)
                self.ending.wait(backoff)
            else:
                backoff = 1.0
                every = self.local.config["every"] or 0
                self.wait_for_turn(began + every)

    def wait_for_turn(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0 and not self.ending.is_set():
            if self.anew.wait(min(left, 0.5)):
                return

    def why_not(self) -> str | None:
        """An empty or unmounted folder never empties the other: unison itself looks for the markers again (sync_unison.py)."""
        answer = self.link.answer
        if not self.local.marked():
            return self.local.unmarked()
        if self.link.answered is None or self.link.silent() > NOTED_SECONDS:
            return f"{self.peer} does not answer"
        if not answer.get("marker"):
            return f"the folder on {self.peer} has no marker: is it mounted, is it the folder?"
        if answer.get("centre"):
            return f"{self.peer} is a centre, too"
        if answer.get("served") not in (None, self.local.config["host"]):
            return f"{self.peer} exchanges with {answer['served']} still"
        if not answer.get("daemon", True):
            return f"sync-exchange does not run on {self.peer}"
        return None

    def exchange(self) -> str | None:
        local, answer = self.local, self.link.answer
        if answer.get("empty") != local.empty():
            # One of them has lost all that it had, with the marker in place: it gets all again.
            self.pairs.forget(self.peer)
        record = self.pairs.agree(self.peer, answer)
        sync_copies.restore_all(local.path)
        arguments = command(local.config, self.peer, local.ssh, record, self.pairs.told()["reigns"][-30:])
        tell = lambda line: print(f"{self.peer}: {line}", flush=True)
        run = Run(arguments, environment(local, self.pairs, self.peer), tell)
        self.syncing_since, self.told_complete = time.time(), False
        problem = run.follow(lambda: self.look(run))
        if self.ending.is_set() or self.anew.is_set():
            return None
        if problem and "archive" in problem.lower():
            # One side has lost it, or it is damaged.
            self.pairs.forget(self.peer)
        if not problem:
            self.judge(run)
            self.note(ok=run.report.whole, run=run)
        return problem

    def look(self, run: Run) -> str | None:
        """Twice a second."""
        if self.ending.is_set() or self.anew.is_set():
            return "it is ended"
        if not self.local.marked():
            return self.local.unmarked()
        if self.link.answered is not None and not self.link.answer.get("marker"):
            return f"the folder on {self.peer} has no marker: is it mounted, is it the folder?"
        self.judge(run)
        now = time.monotonic()
        if self.failing_since and now - self.failing_since > max(PATIENCE_SECONDS, SHARE * self.first_seconds):
            self.failing_since = None
            return f"{next(iter(run.report.failing.items()), ('', 'failed'))[1]}: it is tried again"
        if run.report.rounds and now - self.noted > NOTED_SECONDS and self.link.silent() < NOTED_SECONDS:
            self.note(ok=run.report.whole, run=run)
        return None

    def note_late(self, problem: str) -> None:
        """Not every second, and nothing that is over in a moment, as another host's start is."""
        if time.monotonic() - max(self.noted, self.began) > NOTED_SECONDS / 3:
            self.note(ok=False, error=problem)

    def judge(self, run: Run) -> None:
        report, now = run.report, time.monotonic()
        if report.whole and self.whole_began != run.began:
            self.first_seconds, self.whole_began = now - run.began, run.began
            self.whole_since = self.whole_since or now
            self.pairs.whole(self.peer)
            self.note(ok=True, run=run)
        if not report.failing:
            self.failing_since = None
        elif report.rounds and self.failing_since is None:
            self.failing_since = now

    def note(self, ok: bool, error: str | None = None, run: Run | None = None) -> None:
        self.noted = time.monotonic()
        former = self.local.read(f"runs/{self.peer}.json")
        failing = run.report.failing if run else {}
        if failing and not error:
            path, reason = next(iter(failing.items()))
            error = f"{path}: {reason}"
        record = {
            "at": time.time(),
            "ok": ok,
            "error": error,
            "seconds": round(self.first_seconds, 1),
            "last_ok": time.time() if ok else former.get("last_ok"),
            "since": self.syncing_since,
            "conflicts": list(run.report.conflicts) if run else former.get("conflicts", []),
            "failed": [f"{path}: {reason}" for path, reason in list(failing.items())[:SHOWN]],
        }
        if error and error != former.get("error"):
            print(f"{self.peer}: {error}", flush=True)
        self.local.keep(f"runs/{self.peer}.json", record)
