"""System tables of the MariaDB version that is installed. MariaDB of that version runs, and serves."""

import subprocess

from member_peers import RefusedError


def upgrade_tables() -> None:
    """On this member alone: the others do it themselves. Does nothing when it has been done for this version."""
    command = ["mariadb-upgrade", "--skip-write-binlog", "--silent"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = (done.stderr or done.stdout).strip().splitlines()[-5:]
        raise RefusedError("\n".join(["its system tables are still those of the version before:", *told]))
