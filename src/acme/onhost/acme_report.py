"""How it stands with this host's certificates, for its status and for whoever has just applied the role."""

import sys
import time

import acme_haproxy
from acme_certificate import public_key_of
from acme_pair import Pair, Wanted, run
from acme_turn import day, held, renew

# Whoever waits for the answer does not wait for longer than this; the unit goes on.
PATIENCE = 60


def status(pair: Pair) -> None:
    """In one line; what is not well comes first."""
    told = [state_of(wanted, time.time()) for wanted in pair.certificates]
    bad = [text for text, good in told if not good]
    print("; ".join([*bad, *(text for text, good in told if good)]))
    sys.exit(bool(bad))


def tell(pair: Pair) -> None:
    """That there is none yet stops nobody: names may be made to lead here only now."""
    is_over = begin(pair)
    for text, _ in (state_of(wanted, time.time()) for wanted in pair.certificates):
        print(text if is_over else f"{text}; the authority is still being asked")


def renew_now(pair: Pair, *names: str) -> None:
    renew(pair, *names)
    tell(pair)


def begin(pair: Pair) -> bool:
    """A turn in its unit, which runs once at a time, and is held to what it may do. Whether it has come to its end."""
    return run(["systemctl", "start", f"evenkeel-acme@{pair.name}"], timeout=PATIENCE).returncode != 124


def state_of(wanted: Wanted, now: float) -> tuple[str, bool]:
    name = wanted.names[0]
    mine = held(wanted)
    why = reason(wanted, now)
    if not mine or not mine.fits(wanted.names, public_key_of(wanted.key)):
        return f"{name}: no certificate yet{why}", False
    if mine.ends <= now:
        return f"{name}: expired on {day(mine.ends)}{why}", False
    serving = acme_haproxy.serial_of(wanted.bundle)
    if serving is not None and serving != mine.serial:
        return f"{name}: until {day(mine.ends)}, and HAProxy has another one", False
    return f"{name}: until {day(mine.ends)}{why}", not mine.is_near_its_end(now)


def reason(wanted: Wanted, now: float) -> str:
    tried = wanted.tried()
    if not tried.get("failures"):
        return ""
    led = "" if tried["led"] else "not all of its names lead here; "
    times = "once" if tried["failures"] == 1 else f"{tried['failures']} times"
    minutes = max(int(tried["again"] - now) // 60, 0)
    return f" ({led}failed {times}, again in {minutes} min: {tried['problem']})"
