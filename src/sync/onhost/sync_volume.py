"""What is to be done with a shared folder's volume. Pure: what this host sees goes in, one step comes out.

Each host looks after its own brick. All else one host does: the first of the settings' that is connected and has a brick, so
two hosts with different settings, in the middle of a change, do not undo each other's work.
"""

from dataclasses import dataclass

from sync_gluster import Brick, Volume

STATES = "/var/lib/evenkeel/sync"


@dataclass(frozen=True)
class Look:
    # Of the hosts of the pool beside this one, those that are connected.
    pool: dict[str, bool]
    volume: Volume | None
    # This host's brick: "new" has nothing of the volume's yet, "runs" serves it, "down" could and does not.
    brick: str
    # Hosts outside of the pool that answer.
    reachable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """What is run, and why. Commands are gluster's, but for `restart`, that of this host's glusterd, and `adopt` (sync_brick.py)."""

    why: str
    commands: list[list[str]]


def members(config: dict) -> list[str]:
    return [*config["hosts"], *([config["arbiter"]] if config["arbiter"] else [])]


def wanted(config: dict) -> list[Brick]:
    """An arbiter's is another folder: a host that becomes one, or ceases to be, begins with an empty one."""
    state = f"{STATES}/{config['name']}"
    data = [Brick(host, f"{state}/brick") for host in config["hosts"]]
    return [*data, *([Brick(config["arbiter"], f"{state}/names", True)] if config["arbiter"] else [])]


def decide(config: dict, look: Look) -> Step | None:
    connected = {config["host"], *(host for host, is_up in look.pool.items() if is_up)}
    if look.volume is None:
        return found(config, connected)
    own = own_step(config, look, connected)
    if own or coordinator(config, look.volume, connected) != config["host"]:
        return own
    return settle(config, look, look.volume, connected)


def found(config: dict, connected: set[str]) -> Step | None:
    all_of_them = members(config)
    if config["host"] != all_of_them[0] or not set(all_of_them) <= connected:
        return None
    arbiter = ["arbiter", "1"] if config["arbiter"] else []
    places = [brick.place for brick in wanted(config)]
    create = ["volume", "create", config["name"], "replica", str(len(places)), *arbiter, "transport", "tcp"]
    return Step("all hosts are there", [[*create, *places, "force"]])


def own_step(config: dict, look: Look, connected: set[str]) -> Step | None:
    own = next(brick for brick in wanted(config) if brick.host == config["host"])
    others = [brick for brick in look.volume.bricks if brick.host in connected and brick.host != config["host"]]
    # A glusterd that is alone starts no brick: it may have missed something.
    if own not in look.volume.bricks or not look.volume.started or not others:
        return None
    if look.brick == "new":
        if all(brick.arbiter for brick in others):
            return None
        return Step("this host has nothing yet", [["adopt"]])
    # `volume start force` would do it on all hosts, also on those with a new brick.
    return Step("the brick of this host does not run", [["restart"]]) if look.brick == "down" else None


def coordinator(config: dict, volume: Volume, connected: set[str]) -> str | None:
    having = {brick.host for brick in volume.bricks}
    # A minority decides nothing: it would disagree with the others later on.
    if 2 * len(having & connected) <= len(having):
        return None
    return next((host for host in members(config) if host in having & connected), None)


def settle(config: dict, look: Look, volume: Volume, connected: set[str]) -> Step | None:
    name = config["name"]
    options = config["options"] | {"auth.ssl-allow": ",".join(allowed(config, look, volume))}
    differing = {key: value for key, value in options.items() if volume.options.get(key) != value}
    if differing:
        return Step("settings differ", [["volume", "set", name, *(word for pair in sorted(differing.items()) for word in pair)]])
    if not volume.started:
        return Step("it is settled", [["volume", "start", name]])
    for host in members(config):
        if host not in {config["host"], *look.pool}:
            return Step(f"{host} is new", [["peer", "probe", host]]) if host in look.reachable else None
    step = bricks_step(config, volume, connected)
    if step:
        return step
    having = {brick.host for brick in volume.bricks}
    for host, is_up in sorted(look.pool.items()):
        # Who still runs may be read from by its own applications until it is retired.
        if host not in {*members(config), *having} and not is_up:
            return Step(f"{host} is gone", [["peer", "detach", host, "force"]])
    return None


def allowed(config: dict, look: Look, volume: Volume) -> list[str]:
    return sorted({*members(config), *look.pool, *(brick.host for brick in volume.bricks)})


def bricks_step(config: dict, volume: Volume, connected: set[str]) -> Step | None:
    """A host that leaves keeps its copy up to date until it has gone: a new one comes first, and copies never get fewer."""
    name, target = config["name"], wanted(config)
    missing = [brick for brick in target if brick not in volume.bricks and brick.host in connected]
    extra = [brick for brick in volume.bricks if brick not in target]
    gone = [brick for brick in extra if brick.host not in connected or brick.host in members(config)]
    count = len(volume.bricks)
    arbiters = [brick for brick in extra if brick.arbiter]
    has_arbiter = any(brick.arbiter for brick in volume.bricks)
    # Of one brick a volume with an arbiter can only change who has it.
    pairs = [(old, new) for old in extra for new in missing if old.arbiter == new.arbiter and has_arbiter]
    if pairs:
        old, new = pairs[0]
        commands = [["volume", "replace-brick", name, old.place, new.place, "commit", "force"]]
        return Step(f"{new.host} takes the place of {old.host}", commands)
    removable = arbiters or (gone if not has_arbiter else [])
    if removable and count > 2:
        remove = ["volume", "remove-brick", name, "replica", str(count - 1), removable[0].place, "force"]
        return Step(f"{removable[0].host} has left", [remove])
    for brick in missing:
        # Two copies and names alone are three; beside three copies names alone are of no use.
        if brick.arbiter and count != 2:
            continue
        arbiter = ["arbiter", "1"] if brick.arbiter else []
        add = ["volume", "add-brick", name, "replica", str(count + 1), *arbiter, brick.place, "force"]
        return Step(f"{brick.host} joins", [add])
    return None
