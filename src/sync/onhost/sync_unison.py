"""unison's command line, and what it says."""

import re
from collections import deque
from dataclasses import dataclass, field

import sync_copies
from sync_local import MARKER

# Bits of a mode that are exchanged: the owner's x, and what all others may. Not exchanged is what the owner and the group may
# read and write, and whether the group may enter: an exchanged file belongs to the sync's user, and the application writes it
# as one of the group, whatever it made for itself as the owner on another host (644, or 700). umask 002 gives the group all.
MODE_BITS = 0o107
# What unison and rsync write beside the place. (rsync without --delay-updates has names that a file may have as well.)
TEMPORARY = [r"\.unison\.[^/]*\.unison\.tmp", r"\.~tmp~"]
SHOWN = 20
LONGEST = 300


def ignored(config: dict) -> list[str]:
    """As regular expressions of whole paths: the patterns of unison's other kinds pass over dot files."""
    own = [MARKER.replace(".", r"\."), *(f"{ANYWHERE}{name}" for name in TEMPORARY)]
    # With keepBoth, both contents are to be on all hosts.
    kept = [] if config["conflicts"] == "keepBoth" else [rf"{ANYWHERE}[^/]*{sync_copies.LOST}(\.[^./]*)?"]
    return [*own, *kept, *(expression(pattern) for pattern in config["exclude"])]


ANYWHERE = "(.*/)?"


def expression(pattern: str) -> str:
    # unison refuses a backslash before the two that close.
    special = {"*": "[^/]*", "?": "[^/]", "]": "[]]", "}": "[}]"} | {sign: f"\\{sign}" for sign in ".^$+(){|\\["}
    text = "".join(special.get(sign, sign) for sign in pattern.strip("/"))
    return text if pattern.startswith("/") else f"{ANYWHERE}{text}"


def preferred(config: dict, peer: str, roots: tuple[str, str]) -> str:
    """Which of both wins a conflict. A host that is preferred and is none of the two has told the centre what it has: there the
    centre wins, so that no other one's change takes the place of that."""
    rule = config["conflicts"]
    if rule in ("newest", "keepBoth"):
        return "newer"
    return roots[1] if rule["prefer"] == peer else roots[0]


def command(config: dict, peer: str, ssh: str, record: str, reigns: list[str]) -> list[str]:
    roots = config["path"], f"ssh://{peer}/{config['path']}"
    # Read by sync_peer.py.
    server = f"unison -server {config['host']} {record} {','.join(reigns)}"
    return [
        *["/usr/bin/unison", *roots, "-ui", "text", "-batch", "-auto", "-dumbtty", "-contactquietly", "-log=false"],
        *["-sshargs", f"-F {ssh}", "-servercmd", server],
        # Whole seconds and sizes are not enough: a change would be lost now and then.
        "-fastcheck=false",
        *["-times", "-perms", str(MODE_BITS), "-owner=false", "-group=false"],
        *["-prefer", preferred(config, peer, roots), "-copyonconflict"],
        # Looked for on both hosts at the end of each search for changes, before anything is done about them.
        *["-mountpoint", MARKER],
        *(word for each in ignored(config) for word in ("-ignore", f"Regex {each}")),
        *([] if config["every"] else ["-repeat", "watch"]),
    ]


@dataclass
class Report:
    """What one unison has said so far."""

    # Rounds that have ended.
    rounds: int = 0
    # Paths that could not be exchanged, and why.
    failing: dict[str, str] = field(default_factory=dict)
    conflicts: deque = field(default_factory=lambda: deque(maxlen=SHOWN))
    fatal: str = ""

    @property
    def whole(self) -> bool:
        return self.rounds > 0 and not self.failing and not self.fatal

    def hear(self, line: str) -> str | None:
        """What of it is for the journal."""
        line = PROGRESS.sub("", line[:LONGEST]).strip()
        for pattern, hear in HEARD:
            if found := pattern.fullmatch(line):
                return hear(self, *found.groups())
        return None

    def end_round(self, line: str) -> str | None:
        self.rounds += 1
        return line if line.startswith("Synchronization") else None

    def fail(self, path: str, reason: str) -> str:
        self.failing[path] = reason
        return f"{path}: {reason}"

    def skip(self, path: str, reason: str) -> str:
        return self.fail(path, reason)

    def fail_late(self, path: str) -> None:
        """Listed after the summary."""
        self.failing.setdefault(path, "failed")

    def succeed(self, path: str) -> None:
        self.failing.pop(path, None)

    def conflict(self, path: str) -> str:
        self.conflicts.append(path)
        return f"conflict: {path}"

    def die(self, reason: str) -> str:
        self.fatal = reason
        return reason


PROGRESS = re.compile(r"^ *[0-9]+%  [0-9:-]+ ETA *")
STATES = r"(?:new |chgd |changed |deleted |file|dir|link|symlink|props|absent)[a-z ]*"
HEARD = [
    (re.compile(r"(Nothing to do: .*|Synchronization (?:complete|incomplete) at .*)"), Report.end_round),
    (re.compile(r"Failed \[(.*)\]: (.*)"), Report.fail),
    (re.compile(r"skipped: (.*) \((.*)\)"), Report.skip),
    (re.compile(r"failed: (.*)"), Report.fail_late),
    (re.compile(r"\[END\] (?:Copying properties for|Copying|Updating file|Deleting) (.*)"), Report.succeed),
    (re.compile(rf"{STATES} +(?:====>|<====|<-\?->) {STATES} +(.*)"), Report.conflict),
    (re.compile(r"(?:Fatal error|Uncaught exception|Error): ?(.*)"), Report.die),
    (re.compile(r"(unison-fsmonitor: .*)"), Report.die),
]
