"""Asking another host of a sync how it is."""

import json
import subprocess

from sync_local import Local
from sync_rsync import ssh

ANSWER_S = 20


class Unreachable(Exception):
    pass


def hello(local: Local, host: str) -> dict:
    try:
        return json.loads(ask(local, host, "hello"))
    except ValueError:
        raise Unreachable(f"{host} does not answer: its journal tells why (journalctl -t sync-serve)") from None


def complete(local: Local, host: str) -> None:
    ask(local, host, "complete")


def ask(local: Local, host: str, command: str) -> str:
    try:
        done = subprocess.run(
            [*ssh(local, host), host, command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=ANSWER_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unreachable(f"{host} does not answer within {ANSWER_S} s") from None
    if done.returncode != 0:
        last = ([line for line in done.stderr.splitlines() if line.strip()] or [f"ssh ended with {done.returncode}"])[-1]
        raise Unreachable(f"{host} is not reached: {last[:200]}")
    return done.stdout
