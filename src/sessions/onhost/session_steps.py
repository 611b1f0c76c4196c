"""What roles, planned work and people ask of this host's store."""

import json
import sys
import time
from collections.abc import Callable

from session_follow import STATE
from session_redis import Unreachable, connect, missed, run_of

PATIENCE_S = 60
# Of a store that is told to stop, whoever says so.
STOPPING_S = 15
# So long a page goes on without a store that is back already (session_store.php), and a moment.
SETTLED_S = 2.5


def whole(config: dict) -> int:
    return answer(lacks(config))


def resume(config: dict) -> int:
    return answer(patiently(lambda: lacks(config)))


def pause(config: dict) -> int:
    return answer(settled(lambda: others_lack(config), PATIENCE_S))


def stop(config: dict) -> int:
    """Those that are away have nobody wait; and nobody waits for a store that has died."""
    present = [name for name in others(config) if answers(config, name)]
    if not present or not answers(config, config["name"]):
        return 0
    return answer(settled(lambda: others_lack(config, present), STOPPING_S))


def status(config: dict) -> int:
    problem = lacks(config)
    if problem:
        print(problem)
        return 1
    away = [name for name, how in state_of()["others"].items() if how == "away"]
    others = f", {' and '.join(away)} away" if away else ""
    sessions = connect(config, config["name"]).info("memory")
    used, most = sessions["used_memory"], sessions["maxmemory"]
    print(f"{round(100 * used / most)} % of {most >> 20} MB{others}")
    return 1 if away or used > 0.9 * most else 0


def answer(problem: str | None) -> int:
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


def patiently(ask: Callable[[], str | None]) -> str | None:
    deadline = time.monotonic() + PATIENCE_S
    while (problem := ask()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return problem


def settled(ask: Callable[[], str | None], patience: float) -> str | None:
    """Until it has been so for a while."""
    began = time.monotonic()
    since = None
    while True:
        problem, now = ask(), time.monotonic()
        since = None if problem else since or now
        if since and now - since >= SETTLED_S:
            return None
        if now - began > patience:
            return problem or "other stores have all sessions for a moment only"
        time.sleep(0.25)


def others(config: dict) -> list[str]:
    return [name for name in config["stores"] if name != config["name"]]


def lacks(config: dict) -> str | None:
    """What keeps this store from being whole. Others that are away may stay so for good."""
    try:
        run = run_of(connect(config, config["name"]))
    except Unreachable as problem:
        return f"this host's store does not answer: {problem}"
    state = state_of()
    if state.get("run") != run:
        return "nobody has looked yet what this store lacks: systemctl status evenkeel-session-store"
    lacking = [name for name, how in state["others"].items() if how == "lacking"]
    return f"this store lacks sessions of {' and '.join(lacking)}" if lacking else None


def others_lack(config: dict, names: list[str] | None = None) -> str | None:
    """What would be lost with this store."""
    names = others(config) if names is None else names
    if not names:
        return None
    try:
        own = connect(config, config["name"])
        lacking = [name for name in names if own.get(missed(name))]
    except Unreachable as problem:
        return f"this host's store does not answer: {problem}"
    away = [name for name in names if not answers(config, name)]
    if away:
        return f"the store of {' and '.join(away)} does not answer: it has to be there first"
    return f"the store of {' and '.join(lacking)} lacks sessions that this one has" if lacking else None


def answers(config: dict, name: str) -> bool:
    try:
        return bool(connect(config, name).ping())
    except Unreachable:
        return False


def state_of() -> dict:
    try:
        return json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}
