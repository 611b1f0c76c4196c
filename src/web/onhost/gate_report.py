"""What a gate tells: of one that has tripped, everything by which somebody decides what to do."""

import datetime

from gate_judge import SLOW_PERCENT, Judge, Tally, milliseconds, percent

NEXT = (
    "the groups after it were left alone. "
    "The web server and PHP tell their errors in error.log of /var/log/nginx or /var/log/apache2 here. "
    "`pulumi up` of the same program tries it again, and of another one goes on with that"
)


def tripped(group: str, problem: str, rows: dict[str, str]) -> str:
    told = [f"  {f'{name}:':10}{text}" for name, text in {**rows, "next": NEXT}.items()]
    return "\n".join([f"the gate of group {group} has tripped: {problem}", *told])


def served(tried: str, back: str | None) -> str:
    if back:
        return f"release {back} again; {tried} was tried"
    stays = "What has changed are its settings or secrets; they stay until the program has the former ones again"
    return f"release {tried} still. {stays}"


def seen(judge: Judge, now: float) -> dict[str, str]:
    limits = judge.limits
    most = f"{limits.errors:g} % may fail"
    if limits.latency is not None:
        most += f", and {100 - SLOW_PERCENT} of 100 are to take {milliseconds(limits.latency)} at most"
    return {
        "requests": f"{judge.tally} in {now - judge.since:.1f} s",
        "latency": judge.latency(),
        "limits": most,
    }


def earlier(before: Tally) -> str:
    elsewhere = ": the cause may be elsewhere" if before.failed * 10 > before.total else ""
    return f"{before} in the half minute before{elsewhere}"


def passed(group: str, judge: Judge) -> str:
    tally, least = judge.tally, judge.limits.requests
    if tally.total < least:
        return f"warning: the gate of group {group} has seen too few requests to judge by ({tally}; {least} are enough)"
    failed = percent(tally.failed, tally.total)
    return f"the gate of group {group} has passed: {tally.total} requests, {failed} failed, {judge.latency()}"


def at(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
