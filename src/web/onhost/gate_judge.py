"""Whether a host does well with what it has just got, by the requests that balancers have sent to it since."""

from collections import Counter
from typing import NamedTuple

# Of 100 requests so many may take longer than `latency`.
SLOW_PERCENT = 5
# Balancers leave a host out then (src/balancer/backends.ts), so there will not be more to judge by.
IN_A_ROW = 5
# In seconds: the first pages of a release are compiled anew, which says nothing of the later ones.
WARM_UP_S = 3
# In seconds: how long a request is waited for where no limit of latency says so.
PATIENCE_S = 5


class Limits(NamedTuple):
    # Percent of requests.
    errors: float
    # Seconds.
    latency: float | None
    seconds: float
    # The least to judge by.
    requests: int


class Request(NamedTuple):
    # Seconds since 1970.
    ended: float
    status: int
    # Seconds.
    took: float
    # Whether PHP was asked.
    is_php: bool

    @property
    def began(self) -> float:
        return self.ended - self.took


class Tally:
    """Requests, counted."""

    def __init__(self, latency: float | None):
        self.patience = latency or PATIENCE_S
        self.statuses: Counter[int] = Counter()
        self.failed = 0

    def count(self, request: Request) -> bool:
        """Whether it failed: 499 is one that a balancer or a visitor gave up, which says something if they have waited."""
        is_failed = request.status >= 500 or (request.status == 499 and request.took > self.patience)
        self.statuses[request.status] += 1
        self.failed += is_failed
        return is_failed

    @property
    def total(self) -> int:
        return self.statuses.total()

    def __str__(self) -> str:
        if not self.total:
            return "none"
        each = ", ".join(f"{count} with {status}" for status, count in sorted(self.statuses.items(), reverse=True))
        return f"{self.total} ({each}), {percent(self.failed, self.total)} failed"


class Judge:
    def __init__(self, limits: Limits, since: float):
        self.limits = limits
        self.since = since
        self.tally = Tally(limits.latency)
        self.failed_in_a_row = 0
        # What requests took since it is warm.
        self.times: list[float] = []
        # When PHP has answered last.
        self.answered = since

    def see(self, request: Request) -> None:
        if request.is_php:
            self.answered = max(self.answered, request.ended)
        if request.began < self.since:
            return
        self.failed_in_a_row = self.failed_in_a_row + 1 if self.tally.count(request) else 0
        if request.began >= self.since + WARM_UP_S:
            self.times.append(request.took)

    def problem(self, now: float) -> str | None:
        """Asked again and again until the time is over; told as soon as a limit cannot be kept any more."""
        errors, latency, seconds, _ = self.limits
        if self.failed_in_a_row >= IN_A_ROW:
            return f"{IN_A_ROW} requests in a row have failed"
        total, elapsed = self.tally.total, now - self.since
        if self.exceeds(self.tally.failed, errors, total, elapsed, seconds):
            return f"{self.tally.failed} of {total} requests have failed"
        if latency is not None:
            slow, of = sum(took > latency for took in self.times), len(self.times)
            if self.exceeds(slow, SLOW_PERCENT, of, elapsed - WARM_UP_S, seconds - WARM_UP_S):
                return f"{slow} of {of} requests have taken longer than {milliseconds(latency)}"
        return None

    def exceeds(self, some: int, most: float, of: int, elapsed: float, seconds: float) -> bool:
        """Even if all that is still to come is as it should be, with as many requests as so far."""
        if of < self.limits.requests:
            return False
        return some > most / 100 * of * max(1, seconds / max(elapsed, 0.1))

    @property
    def is_enough(self) -> bool:
        return self.tally.total >= self.limits.requests

    def latency(self) -> str:
        """Of 100 requests 95 took no longer."""
        if not self.times:
            return "not known"
        in_order = sorted(self.times)
        place = -(-len(in_order) * (100 - SLOW_PERCENT) // 100)
        return f"{100 - SLOW_PERCENT} of 100 within {milliseconds(in_order[place - 1])}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def percent(some: int, of: int) -> str:
    return f"{100 * some / of:.1f} %"
