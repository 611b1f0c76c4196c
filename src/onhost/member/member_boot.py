"""A member's MariaDB starts when the members' states allow it, not when its host does."""

import subprocess

UNIT = "mariadb"


def keep_from_boot() -> None:
    """Only where it must be: with Debian's scripts of old it takes half a second, more while the host boots."""
    if systemctl("is-enabled", UNIT) == 0:
        systemctl("--no-reload", "disable", UNIT)


def systemctl(*words: str) -> int:
    return subprocess.run(["systemctl", "--quiet", *words], check=False).returncode
