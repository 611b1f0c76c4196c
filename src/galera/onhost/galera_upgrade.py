"""MariaDB's packages on a member: which version is there, and how another minor one comes in while MariaDB is stopped."""

import os
import subprocess
import time
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
APT = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold"]
PURE = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
# apt waits for dpkg's locks itself, and fails at once on those of its lists and archives.
LOCKED = "Could not get lock"
LOCK_SECONDS = 300


class UpgradeFailed(Exception):
    pass


def installed() -> dict[str, str]:
    """Version by package, of all that are made from MariaDB's source."""
    form = "${db:Status-Status} ${source:Package} ${Package} ${Version}\n"
    listed = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    words = [line.split() for line in listed.splitlines()]
    return {name: version for state, source, name, version in words if (state, source) == ("installed", "mariadb")}


def is_wanted(version: str, wanted: str) -> bool:
    """Without Debian's epoch; a beginning will do: 10.11.19 is 1:10.11.19-0+deb12u1."""
    bare = version.partition(":")[2]
    return bare == wanted or bare.startswith((f"{wanted}-", f"{wanted}+"))


def outdated(wanted: str) -> list[str]:
    return sorted(name for name, version in installed().items() if not is_wanted(version, wanted))


def fetch(wanted: str, names: list[str]) -> None:
    """Everything that takes the network, while MariaDB still serves."""
    apt("update")
    apt("install", "--download-only", "--only-upgrade", *pinned(wanted, names))


def install(wanted: str, names: list[str]) -> None:
    forbidden = not POLICY.exists()
    if forbidden:
        # Whether it starts is decided by evenkeel-galera, not by a package.
        POLICY.write_text("#!/bin/sh\n# evenkeel: a role is installing packages\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        apt("install", "--only-upgrade", *pinned(wanted, names))
    finally:
        if forbidden:
            POLICY.unlink()
    subprocess.run(["systemctl", "--quiet", "disable", "mariadb"], check=False)


def pinned(wanted: str, names: list[str]) -> list[str]:
    """All packages of a source have one version."""
    lines = run("apt-cache", "madison", "mariadb-server").splitlines()
    offered = [line.split("|")[1].strip() for line in lines]
    version = next((each for each in offered if is_wanted(each, wanted)), None)
    if version is None:
        raise UpgradeFailed(f"no archive of this host has version {wanted}, but {', '.join(offered)}")
    return [f"{name}={version}" for name in names]


def apt(*words: str) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            run(*APT, *words)
            return
        except UpgradeFailed as failure:
            if LOCKED not in str(failure) or time.monotonic() > deadline:
                raise
        time.sleep(0.5)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | PURE)
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise UpgradeFailed("\n".join([f"{command[0]} failed:", *told]))
    return done.stdout
