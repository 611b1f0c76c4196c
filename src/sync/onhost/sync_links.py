"""What the other hosts say: one connection to each that is asked, and a question every two seconds.

It stays open, as a connection for every question would cost a small host more processor time than all else. A host that
answers once and closes is asked less often.
"""

import json
import os
import select
import subprocess
import threading
import time

from sync_local import Local

INTERVAL = 2.0
# Where each question is a connection of its own.
SINGLE_INTERVAL = 5.0
TIMEOUT = 6.0
LONGEST_ANSWER = 1 << 20


class Link(threading.Thread):
    """Asks one host for as long as it is wanted."""

    def __init__(self, local: Local, peer: str) -> None:
        super().__init__(daemon=True)
        self.local, self.peer = local, peer
        self.wanted, self.ended = threading.Event(), threading.Event()
        self.answer: dict = {}
        self.answered: float | None = None
        self.since = time.monotonic()
        self.process: subprocess.Popen | None = None
        self.unread = b""
        self.single = False

    def silent(self) -> float:
        """For how long it has not answered, though it was asked."""
        return time.monotonic() - max(self.since, self.answered or 0.0)

    def want(self, wanted: bool) -> None:
        if wanted and not self.wanted.is_set():
            # It has not been asked, so it has not been silent.
            self.since, self.answered = time.monotonic(), None
            self.wanted.set()
        elif not wanted:
            self.wanted.clear()

    def run(self) -> None:
        while not self.ended.is_set():
            if not self.wanted.is_set():
                self.close()
                self.wanted.wait(1)
                continue
            try:
                self.answer = self.ask()
                self.answered = time.monotonic()
            except (OSError, ValueError):
                self.close()
            self.ended.wait(SINGLE_INTERVAL if self.single else INTERVAL)
        self.close()

    def ask(self) -> dict:
        if self.process:
            try:
                self.process.stdin.write(b"\n")
                return self.read()
            except (OSError, ValueError):
                # A connection that breaks leaves another status.
                self.single = self.ended_well()
                self.close()
        self.unread = b""
        self.process = begin(self.local, self.peer, "hello")
        return self.read()

    def read(self) -> dict:
        source, deadline = self.process.stdout.fileno(), time.monotonic() + TIMEOUT
        while b"\n" not in self.unread:
            left = deadline - time.monotonic()
            data = os.read(source, 65536) if left > 0 and select.select([source], [], [], left)[0] else b""
            if not data or len(self.unread) > LONGEST_ANSWER:
                raise ConnectionError("no answer")
            self.unread += data
        line, _, self.unread = self.unread.partition(b"\n")
        return json.loads(line)

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def ended_well(self) -> bool:
        try:
            return self.process.wait(0.5) == 0
        except subprocess.TimeoutExpired:
            return False

    def tell(self, command: str) -> bool:
        """Something else than a question."""
        process = begin(self.local, self.peer, command)
        try:
            process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        return process.returncode == 0


def begin(local: Local, peer: str, command: str) -> subprocess.Popen:
    arguments = ["ssh", "-F", local.ssh, peer, command]
    # What it complains of is told by the time without an answer.
    return subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True
    )
