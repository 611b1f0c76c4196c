"""What there is to see of a site on its host: its log of requests, the requests that PHP has not answered yet, its health path."""

import contextlib
import http.client
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from gate_judge import IN_A_ROW, PATIENCE_S, Judge, Limits, Request, Tally

LOOKS_PER_S = 10
# In bytes: of what is in the log already.
LOOKED_BACK = 1 << 18
BEFORE_S = 30
SOCKETS = Path("/proc/net/unix")
# Whoever takes the host out of service (planned-work) has its health path say so.
DRAINED = Path("/run/evenkeel-drained")


class Log:
    """The web server writes a line when a request has ended: when, its status, what it took, and PHP's status or "-"."""

    def __init__(self, path: Path):
        self.path = path
        self.rest = b""
        self.file = None
        with contextlib.suppress(OSError):
            self.file = open(path, "rb")  # noqa: SIM115 closed when another one takes its place
            self.file.seek(0, os.SEEK_END)

    def new(self) -> Iterator[Request]:
        if self.file:
            yield from self.read()
        # It may have been rotated.
        if self.is_another():
            if self.file:
                yield from self.read()
                self.file.close()
            with contextlib.suppress(OSError):
                self.file, self.rest = open(self.path, "rb"), b""  # noqa: SIM115
                yield from self.read()

    def is_another(self) -> bool:
        try:
            now = os.stat(self.path)
        except OSError:
            return False
        return not self.file or not os.path.samestat(now, os.fstat(self.file.fileno()))

    def read(self) -> Iterator[Request]:
        *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
        yield from requests_in(lines)


def requests_in(lines: list[bytes]) -> Iterator[Request]:
    for line in lines:
        # What a full disk has cut off is none.
        with contextlib.suppress(ValueError):
            ended, status, took, php = line.decode().split(" ", 3)
            yield Request(float(ended), int(status), float(took), php != "-")


def before(path: Path, since: float, latency: float | None) -> Tally:
    """What it was like until then."""
    tally = Tally(latency)
    with contextlib.suppress(OSError), open(path, "rb") as log:
        # What is cut off at its beginning is no line.
        log.seek(max(0, os.stat(path).st_size - LOOKED_BACK))
        for request in requests_in(log.read().split(b"\n")):
            if since - BEFORE_S <= request.ended < since:
                tally.count(request)
    return tally


class OpenRequests:
    """Those that PHP is at work on: the web server has a connection for each, which the kernel lists. Hung ones stand in no log."""

    def __init__(self, socket: str | None, latency: float | None):
        self.socket = socket
        self.patience = max(latency or 0, PATIENCE_S)
        # Those that a process has taken, and since when.
        self.taken: dict[str, float] = {}
        self.waiting = 0

    def look(self, now: float) -> None:
        rows = [row.split() for row in SOCKETS.read_text().splitlines()[1:]] if self.socket else []
        # The listening socket accepts; of the others, those of no process yet have no inode.
        inodes = [row[6] for row in rows if row[7:] == [self.socket] and row[3] == "00000000"]
        self.waiting = inodes.count("0")
        self.taken = {inode: self.taken.get(inode, now) for inode in inodes if inode != "0"}

    def problem(self, now: float, answered: float) -> str | None:
        count = len(self.taken) + self.waiting
        oldest = now - min(self.taken.values(), default=now)
        if count < IN_A_ROW or min(oldest, now - answered) < self.patience:
            return None
        return f"{count} requests wait for PHP, which has answered none for {self.patience:.0f} s"


class Health:
    """Asked as balancers do: once a second, and believed the second time."""

    def __init__(self, url: str):
        self.url = urlsplit(url)
        self.asked = 0.0
        self.failed = 0

    def problem(self, now: float) -> str | None:
        if now - self.asked < 1:
            return None
        self.asked = now
        answer = self.ask()
        is_well = answer == "200" or DRAINED.exists()
        self.failed = 0 if is_well else self.failed + 1
        return f"{self.url.path} answers {answer}" if self.failed >= 2 else None

    def ask(self) -> str:
        connection = http.client.HTTPConnection(self.url.netloc, timeout=1)
        try:
            connection.request("GET", self.url.path)
            return str(connection.getresponse().status)
        except OSError as error:
            return f"nothing ({error})"
        except http.client.HTTPException:
            return "no HTTP"
        finally:
            connection.close()


def watch(judge: Judge, limits: Limits, log: Log, php: OpenRequests, health: Health) -> str | None:
    """What is wrong, as soon as something is; nothing when the time is over."""
    while True:
        now = time.time()
        for request in log.new():
            judge.see(request)
        php.look(now)
        problem = judge.problem(now) or php.problem(now, judge.answered) or health.problem(now)
        if problem or now - judge.since >= limits.seconds:
            return problem
        time.sleep(1 / LOOKS_PER_S)
