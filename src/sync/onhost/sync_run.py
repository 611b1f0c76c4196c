"""One unison of a centre, for one other host, while it lasts."""

import contextlib
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

from sync_unison import Report

TICK = 0.5
ENDING_SECONDS = 5
# So many lines a minute go into the journal; the rest is counted.
LINES = 60


class Run:
    """Its process, and what it has said."""

    def __init__(self, arguments: list[str], environment: dict[str, str], tell: Callable[[str], None]) -> None:
        self.report = Report()
        self.began = time.monotonic()
        self.tell = tell
        self.told: list[float] = []
        self.untold = 0
        self.process = subprocess.Popen(
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # With its ssh and its watcher, so that all end together.
            start_new_session=True,
        )

    def follow(self, each_tick: Callable[[], str | None]) -> str | None:
        """Until it ends, or `each_tick` says why it is to: the reason, if there is one."""
        try:
            for line in self.lines():
                if line is None:
                    if reason := each_tick():
                        return reason
                elif said := self.report.hear(line):
                    self.log(said)
            status = self.process.wait()
            if status in (0, 1, 2) and not self.report.fatal:
                return None
            return self.report.fatal or f"unison ended with {status}"
        finally:
            self.end()

    def lines(self) -> Iterator[str | None]:
        """None is a tick. Progress ends in a carriage return."""
        source, unread, ticked = self.process.stdout.fileno(), b"", time.monotonic()
        while True:
            if select.select([source], [], [], TICK)[0]:
                data = os.read(source, 65536)
                if not data:
                    yield from decoded([unread])
                    return
                *lines, unread = re.split(rb"[\r\n]", unread + data)
                yield from decoded(lines)
            if time.monotonic() - ticked >= TICK:
                ticked = time.monotonic()
                yield None

    def log(self, line: str) -> None:
        now = time.monotonic()
        self.told = [at for at in self.told if now - at < 60]
        if len(self.told) >= LINES:
            self.untold += 1
            return
        if self.untold:
            line, self.untold = f"({self.untold} lines are left out)\n{line}", 0
        self.told.append(now)
        self.tell(line)

    def end(self) -> None:
        """Without a half file: what is on its way has another name until it is whole."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            # Its leader may have ended before the rest of its group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(ENDING_SECONDS)
        self.process.stdout.close()


def decoded(lines: list[bytes]) -> list[str]:
    """Names are no UTF-8 necessarily."""
    return [line.decode(errors="backslashreplace") for line in lines]
