"""GlusterFS as its command line tells it: the pool of hosts, the volume, and what of it is not the same everywhere yet."""

import subprocess
import time
from dataclasses import dataclass, field
from xml.etree import ElementTree

# One change at a time in all of the pool; whoever comes second is told so.
BUSY = "Another transaction is in progress"
BUSY_SECONDS = 20
# A command that a host answers late; the tool itself gives up after two minutes.
PATIENCE_SECONDS = 150


class GlusterError(Exception):
    pass


@dataclass(frozen=True)
class Brick:
    host: str
    path: str
    arbiter: bool = False

    @property
    def place(self) -> str:
        return f"{self.host}:{self.path}"


@dataclass(frozen=True)
class Volume:
    id: str
    started: bool
    bricks: list[Brick]
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Heal:
    """Which bricks run, by their hosts; and how many entries some brick has not yet."""

    connected: dict[str, bool]
    waiting: int


def gluster(*words: str, patience: float = PATIENCE_SECONDS) -> str:
    command = ["gluster", "--mode=script", "--log-level=ERROR", *words]
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience)
        except subprocess.TimeoutExpired as error:
            raise GlusterError(f"gluster {words[0]} {words[1]}: no answer within {patience:.0f} s") from error
        if BUSY not in done.stdout + done.stderr or time.monotonic() > deadline:
            break
        time.sleep(1)
    if done.returncode != 0:
        raise GlusterError(reason(done.stdout, done.stderr))
    return done.stdout


def reason(stdout: str, stderr: str) -> str:
    try:
        return text(ElementTree.fromstring(stdout), "opErrstr") or "it failed"
    except ElementTree.ParseError:
        lines = (stderr.strip() or stdout.strip() or "it failed").splitlines()
        return lines[-1]


def pool() -> dict[str, bool]:
    return parse_pool(gluster("--xml", "pool", "list"))


def volume(name: str) -> Volume | None:
    return parse_volume(gluster("--xml", "volume", "info", name))


def heal(name: str, patience: float = PATIENCE_SECONDS) -> Heal:
    """By counts that the bricks keep: `heal info` looks at each entry, which takes minutes, and time from whoever heals them."""
    return parse_heal(gluster("volume", "heal", name, "statistics", "heal-count", patience=patience))


def split(name: str, patience: float = PATIENCE_SECONDS) -> int:
    return parse_split(gluster("volume", "heal", name, "info", "split-brain", patience=patience))


def parse_pool(xml: str) -> dict[str, bool]:
    """Whether this host has a connection, by each other host's name."""
    peers = ElementTree.fromstring(xml).iter("peer")
    return {text(peer, "hostname"): text(peer, "connected") == "1" for peer in peers if peer.find("hostnames") is not None}


def parse_volume(xml: str) -> Volume | None:
    found = ElementTree.fromstring(xml).find("volInfo/volumes/volume")
    if found is None:
        return None
    options = {text(each, "name"): text(each, "value") for each in found.iter("option")}
    bricks = [brick(text(each, "name"), text(each, "isArbiter") == "1") for each in found.iter("brick")]
    return Volume(text(found, "id"), text(found, "statusStr") == "Started", bricks, options)


def parse_heal(said: str) -> Heal:
    counts: dict[str, int | None] = {}
    for line in said.splitlines():
        if line.startswith("Brick "):
            host = brick(line.removeprefix("Brick ")).host
            counts[host] = None
        elif line.startswith("Number of entries:"):
            counts[host] = number(line)
    # An entry waits on each of those that have it.
    return Heal({host: count is not None for host, count in counts.items()}, max((each or 0 for each in counts.values()), default=0))


def parse_split(said: str) -> int:
    return max((number(line) for line in said.splitlines() if line.startswith("Number of entries in split-brain:")), default=0)


def number(line: str) -> int:
    word = line.split(":")[1].strip()
    return int(word) if word.isdigit() else 0


def brick(place: str, arbiter: bool = False) -> Brick:
    host, path = place.split(":", 1)
    return Brick(host, path, arbiter)


def text(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
