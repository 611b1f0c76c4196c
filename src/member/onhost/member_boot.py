"""How a member's MariaDB starts: when the members' states allow it, not when its host does."""

import subprocess

UNIT = "mariadb"
# A gigabyte's worth of pages is on disk before.
STOP_SECONDS = 120


def systemctl(*words: str) -> int:
    return subprocess.run(["systemctl", "--quiet", *words], check=False).returncode


def stop(seconds: float = STOP_SECONDS) -> None:
    """MariaDB may wait for others, or for room, without an end, and Debian's unit has systemd wait as long. What was acknowledged
    others have, and what it has on disk is whole."""
    try:
        subprocess.run(["systemctl", "stop", UNIT], check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        print(f"MariaDB has not stopped after {seconds:.0f} s: it is killed", flush=True)
        systemctl("kill", "--signal=KILL", UNIT)
        systemctl("stop", UNIT)


class FailedStarts:
    """Of MariaDB, from now on. One may be a fail-over's, which kills; after two it does not start."""

    def __init__(self):
        self.seen = {invocation()}

    def are_too_many(self) -> bool:
        if systemctl("is-failed", UNIT) == 0:
            self.seen.add(invocation())
        return len(self.seen) > 2


def invocation() -> str:
    """Another one for every start."""
    return told("show", "--property=InvocationID", "--value", UNIT)


def unit_state() -> str:
    """MariaDB tells systemd when it has started: "active" from then on."""
    return told("is-active", UNIT)


def told(*words: str) -> str:
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False).stdout.strip()
