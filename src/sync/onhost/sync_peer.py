"""The other end of an exchange, on a host that is not the centre: one centre at a time.

The lock of the exchange is held by the centre's daemon on the centre, and on each other host by the `unison -server` that a
centre has begun there, as long as that lives. A centre whose host lost power leaves one that waits for it; its successor is
let in when this host's daemon has ended that, as its centre answers no more.
"""

import contextlib
import fcntl
import json
import os
import re
import signal

import sync_copies
import sync_unfinished
from sync_local import Local, lock, read, write
from sync_pairs import Pairs

UNISON = "/usr/bin/unison"
PROGRAMS = os.path.dirname(os.path.realpath(__file__))
# What the centre's command line has between "unison -server" and what unison itself adds (sync_unison.py).
WORDS = re.compile(r"(?P<centre>[\w.-]+) (?P<record>[0-9a-f]+) (?P<reigns>[\w.,:-]*)( -server)?(?P<options>( __new-rpc-mode)?)")
PATIENCE_SECONDS = 5
# Whoever looks whether it is held holds it for a moment, too.
LOOK_SECONDS = 0.5


class Refused(OSError):
    """Told in this host's journal, and to the centre by `hello`."""


def serve(local: Local, words: list[str]) -> None:
    """Becomes unison's server."""
    found = WORDS.fullmatch(" ".join(words))
    if not found or found["centre"] not in local.config["hosts"]:
        raise Refused("does not know the centre that asks")
    if not local.marked():
        raise Refused(local.unmarked())
    held = hold(local, found["centre"])
    sync_unfinished.clear(local.path)
    sync_copies.restore_all(local.path)
    pairs = Pairs(local)
    pairs.accept(found["centre"], found["record"], [each for each in found["reigns"].split(",") if each])
    os.set_inheritable(held, True)
    os.chdir(local.path)
    os.execve(UNISON, [UNISON, "-server", *found["options"].split()], environment(local, pairs, found["centre"]))


def environment(local: Local, pairs: Pairs, peer: str) -> dict[str, str]:
    """unison's, at both ends: its records are by the hosts' names, and it finds its watcher by PATH."""
    return {
        "HOME": local.state,
        "LC_ALL": "C.UTF-8",
        "PATH": f"{PROGRAMS}:{os.environ.get('PATH') or '/usr/sbin:/usr/bin:/sbin:/bin'}",
        "UNISON": pairs.folder(peer).path,
        "UNISONLOCALHOSTNAME": local.config["host"],
    }


def lock_file(local: Local) -> str:
    return f"{local.run}/exchange.lock"


def hold(local: Local, centre: str) -> int:
    """The lock, while the descriptor is open."""
    held = lock(lock_file(local), LOOK_SECONDS)
    if held is None and holder(local).get("centre") == centre and centre != local.config["host"]:
        # A centre begins anew when its connection broke: the former one waits for nobody.
        end_served(local)
        held = lock(lock_file(local), PATIENCE_SECONDS)
    if held is None:
        by = holder(local).get("centre", "another one")
        raise Refused(f"exchanges as {by} has begun" if by != local.config["host"] else "is the centre itself")
    write(f"{local.run}/holder.json", json.dumps({"centre": centre, "pid": os.getpid()}))
    return held


def served(local: Local) -> str | None:
    """Whose exchange holds the lock."""
    return holder(local).get("centre") if is_locked(lock_file(local)) else None


def holder(local: Local) -> dict:
    with contextlib.suppress(OSError, ValueError):
        return json.loads(read(f"{local.run}/holder.json"))
    return {}


def end_served(local: Local) -> None:
    """unison leaves nothing half: a file that was not whole has another name still."""
    pid = int(holder(local).get("pid", 0))
    with contextlib.suppress(OSError):
        if pid and is_locked(lock_file(local)) and b"-server" in arguments(pid):
            os.kill(pid, signal.SIGKILL)


def arguments(pid: int) -> list[bytes]:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().split(b"\0")


def daemon_file(local: Local) -> str:
    return f"{local.run}/daemon.lock"


def is_running(local: Local) -> bool:
    """Whether this host's sync-exchange does."""
    return is_locked(daemon_file(local))


def is_locked(path: str) -> bool:
    with contextlib.suppress(FileNotFoundError):
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
    return False
