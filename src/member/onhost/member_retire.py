"""How a host stops being a member for good: its rows lie aside, and MariaDB is as its package has made it."""

import shutil
import subprocess
import time
from pathlib import Path

import member_boot
from member_roll import firewall_rules

DATA = Path("/var/lib/mysql")
ASIDE = Path("/var/backups/evenkeel")
STATE = Path("/var/lib/evenkeel")
# What restores have left beside the data directory, and rows that only this host had.
KEPT = ["/var/lib/mysql.before-*", "/var/lib/evenkeel/errant"]
HALF_DONE = ["mysql-seed", "mysql-former", "mysql.restore", "mysql.ready"]
# As the package does when it is installed.
INSTALL = ["mariadb-install-db", "--rpm", "--cross-bootstrap", "--user=mysql", "--disable-log-bin", "--skip-test-db"]
# Debian's settings alone: the member's own are still there.
SETTINGS = Path("/run/evenkeel/pristine.cnf")


def lay_aside(cluster: str, leaving: Path) -> None:
    """Of a MariaDB that has stopped. `leaving` tells where they are, once they are: cut off, it goes on from there."""
    if not leaving.read_text():
        folder = ASIDE / f"{cluster}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
        former = list(ASIDE.glob(f"{cluster}-*"))
        folder.mkdir(mode=0o700, parents=True)
        for path in [DATA, *(path for pattern in KEPT for path in Path("/").glob(pattern.lstrip("/")))]:
            if path.exists():
                # With its owners, and to another disk if need be.
                subprocess.run(["mv", str(path), str(folder)], check=True)
        leaving.write_text(str(folder))
        for path in former:
            shutil.rmtree(path)
    for name in HALF_DONE:
        shutil.rmtree(DATA.with_name(name), ignore_errors=True)
    make_pristine(Path(leaving.read_text()) / DATA.name)
    print(f"the rows that this host had as a member of {cluster} are in {leaving.read_text()}")


def stop() -> None:
    subprocess.run(["systemctl", "--quiet", "disable", "mariadb"], check=False)
    member_boot.stop()


def make_pristine(former: Path) -> None:
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(mode=0o755)
    shutil.chown(DATA, "mysql", "mysql")
    command, *words = INSTALL
    if not shutil.which(command):
        return
    SETTINGS.parent.mkdir(parents=True, exist_ok=True)
    own = sorted(path for path in Path("/etc/mysql/mariadb.conf.d").glob("*.cnf") if "evenkeel" not in path.name)
    SETTINGS.write_text("".join(f"!include {path}\n" for path in own))
    done = subprocess.run([command, f"--defaults-file={SETTINGS}", *words], capture_output=True, text=True, check=False)
    SETTINGS.unlink()
    if done.returncode != 0:
        raise SystemExit(f"the data directory was not made anew: {done.stderr.strip()[-500:]}")
    # The package's, by which its own upgrades go.
    for flag in former.glob("debian-*.flag"):
        shutil.copy2(flag, DATA)


def forget(kind: str, claim: Path) -> None:
    """What made the host a member; last of all that it is one."""
    rules = firewall_rules(kind)
    let_in = rules.exists()
    for path in [*Path("/run/evenkeel").glob(f"{kind}.*"), rules, *STATE.glob(f"{kind}.*")]:
        if path != claim:
            path.unlink(missing_ok=True)
    claim.unlink(missing_ok=True)
    if let_in:
        subprocess.run(["systemctl", "--quiet", "reload", "nftables"], check=False)
