"""rsync as a sync runs it: what goes, who may do what with it at the other side, and how many files may go away."""

import os
import re
import subprocess
import sys
from typing import NamedTuple

from sync_local import MARKER, Local

# More rules than that take longer to compare with names than a whole tree takes to compare with the other one.
LONGEST_LIST = 3000
SILENT_S = 60
VANISHED = 24
# A host that is not reached in 5 s is tried again soon (NAME.ssh); the connection is kept for the next run.
PERSIST_S = 300
SHARED = ["-o", "ControlMaster=auto", "-o", f"ControlPersist={PERSIST_S}", "-o"]
NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded")
# Of equal size and time a file is the same, and rsync takes whole seconds: one written twice in a second would stay old for good.
# The other side compares; rrsync refuses the way in which rsync itself passes this on.
EXACT = "--remote-option=--modify-window=-1"
# What is not in the way of anything.
IDLE = re.compile(r"cannot delete non-empty directory: |file has vanished: |skipping non-regular file |\s*$")
LONGEST_TALE = 20
# Said when something went wrong before.
FOLLOWS = re.compile(r"rsync error: |rsync: connection unexpectedly closed|rsync: \[sender\] write error|\S+ \S+ socat\[")


class Done(NamedTuple):
    code: int
    said: str
    # Files that it would have deleted, and was not let.
    skipped: int = 0

    @property
    def ok(self) -> bool:
        """A file that went away meanwhile is no error."""
        return self.code in (0, VANISHED)

    @property
    def without_room(self) -> bool:
        return bool(NO_ROOM.search(self.said))

    def reason(self) -> str:
        lines = [line for line in self.said.splitlines() if line.strip()]
        first = [line for line in lines if not FOLLOWS.match(line)] or lines or [f"rsync ended with {self.code}"]
        return first[-1][:300]


def ssh(local: Local, host: str) -> list[str]:
    return ["ssh", "-F", local.ssh, *SHARED, f"ControlPath={local.run}/{checksum(host)}"]


def checksum(host: str) -> str:
    """For the path of a socket, which may not be long."""
    import hashlib

    return hashlib.sha256(host.encode()).hexdigest()[:12]


def push(local: Local, host: str, deletes: int, rules: list[bytes] | None = None, only_deletes: bool = False) -> Done:
    """The tree, or what `rules` let through, to the host; `deletes` are the files that may go away there."""
    options = [EXACT, "--delete-delay", f"--max-delete={deletes}", *(["--existing", "--ignore-existing"] if only_deletes else [])]
    return run(local, [*options, f"--chmod={rights(local)}"], rules, [f"{local.path}/", f"{host}:./"], host)


def pull(local: Local, host: str) -> Done:
    """What this host lacks of the other one's tree."""
    options = ["--ignore-existing", "--chmod=ug+rwX,Dg+s"]
    return run(local, options, None, [f"{host}:./", f"{local.path}/"], host)


def run(local: Local, options: list[str], rules: list[bytes] | None, paths: list[str], host: str) -> Done:
    command = [
        *("rsync", "-rltpS", "--force", f"--timeout={SILENT_S}", f"--rsh={quoted(ssh(local, host))}", *options),
        *(f"--filter=- {pattern}" for pattern in [f"/{MARKER}", *local.config["exclude"]]),
        *(["--from0", "--include-from=-", "--filter=- *"] if rules is not None else []),
        *("--", *paths),
    ]
    done = subprocess.run(
        command,
        input=b"\0".join(rules or []),
        # Some of what went wrong is said there.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"LC_ALL": "C"},
        check=False,
    )
    said = [line for line in done.stdout.decode(errors="backslashreplace").splitlines() if not IDLE.match(line)]
    if done.returncode not in (0, VANISHED):
        print(*said[:LONGEST_TALE], sep="\n", file=sys.stderr, flush=True)
    return Done(done.returncode, "\n".join(said))


def rights(local: Local) -> str:
    """Files belong to the sync and the group at the other side: what the owner may here, the group may there."""
    return "u+rwX,g+rX,go-w,Dg+s" if local.config.get("readOnly") else "ug+rwX,o-w,Dg+s"


def quoted(words: list[str]) -> str:
    """rsync knows quotes in --rsh, and no escapes."""
    return " ".join(f"'{word}'" if " " in word else word for word in words)


def rules_of(changes: bytes) -> list[bytes]:
    """Rules that let through what changed: `+PATH`, `-PATH` or `~PATH` with a NUL between them, a folder ends with a slash.

    rsync walks down from the root of the tree by them, and never through a link.
    """
    rules: dict[bytes, None] = {}
    for change in filter(None, changes.split(b"\0")):
        kind, path = change[:1], change[1:].rstrip(b"/")
        parts = path.split(b"/")
        for depth in range(2, len(parts) + 1):
            rules[name_of(b"/".join(parts[:depth]))] = None
        # With all that is in it: it is new, or gone.
        if change.endswith(b"/") and kind != b"~" and path:
            rules[escaped(path) + b"/***"] = None
    return list(rules)


def name_of(path: bytes) -> bytes:
    """A rule without wildcards is taken as it stands."""
    return escaped(path) if re.search(rb"[*?[]", path) else path


def escaped(path: bytes) -> bytes:
    return re.sub(rb"([\\*?[])", rb"\\\1", path)
