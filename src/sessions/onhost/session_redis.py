"""Stores as a program of theirs sees them: this host's and those of the others."""

from pathlib import Path

import redis

NEVER_ANSWERS_S = 2
# Sessions that one question is about.
BATCH = 500

# Takes a version that is newer than what there is, for as long as it has left.
PUT = """
if tonumber(redis.call('HGET', KEYS[1], 'version') or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'data', ARGV[2], 'gone', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""
# Something else may have been missed since.
FORGET = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

# While a store says so, it has all that others have (session_handler.php): the names of those that are away, in JSON.
NOTHING_MISSED = "missed:(nothing)"

Unreachable = redis.exceptions.RedisError


def connect(config: dict, name: str, timeout: float = NEVER_ANSWERS_S) -> redis.Redis:
    return redis.Redis(
        # Its name, which is what its certificate has.
        host=config["stores"][name]["host"],
        port=config["stores"][name]["port"],
        username="store",
        password=Path(config["password"]).read_text(),
        ssl=True,
        ssl_ca_certs=config["ca"],
        ssl_check_hostname=True,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
    )


def run_of(store: redis.Redis) -> str:
    """Another one each time that it has started."""
    return store.info("server")["run_id"]


def missed(name: str) -> str:
    """Where a store has that the other of this name was not there for a write."""
    return f"missed:{name}"


def fetch(own: redis.Redis, other: redis.Redis) -> int:
    """All that the other has newer; gives how many that was."""
    cursor, fetched = None, 0
    while cursor != 0:
        cursor, keys = other.scan(cursor or 0, match="session:*", count=BATCH)
        fetched += fetch_newer(own, other, keys)
    return fetched


def fetch_newer(own: redis.Redis, other: redis.Redis, keys: list[bytes]) -> int:
    pairs = zip(keys, versions(other, keys), versions(own, keys), strict=True)
    newer = [key for key, theirs, ours in pairs if theirs > ours]
    there = other.pipeline(transaction=False)
    for key in newer:
        there.hmget(key, "version", "data", "gone")
        there.pttl(key)
    found = there.execute()
    here = own.pipeline(transaction=False)
    for key, (version, data, gone), left in zip(newer, found[::2], found[1::2], strict=True):
        # It may have ended meanwhile.
        if version is not None and left > 0:
            here.eval(PUT, 1, key, version, data, gone or b"", left)
    return sum(here.execute())


def versions(store: redis.Redis, keys: list[bytes]) -> list[int]:
    asked = store.pipeline(transaction=False)
    for key in keys:
        asked.hget(key, "version")
    return [int(version or 0) for version in asked.execute()]
