"""The nginx of a pair: how it gets its configuration, and how it is known that it has taken it."""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

from nginx_config import filled_in, mark_of, names_of

ETC = pathlib.Path(os.environ.get("EVENKEEL_BALANCERS", "/etc/evenkeel/balancers"))
RUN = os.environ.get("EVENKEEL_RUN", "/run")
NGINX = os.environ.get("EVENKEEL_NGINX", "/usr/sbin/nginx")
ROLES = pathlib.Path("/var/lib/evenkeel/roles")
NONLOCAL = pathlib.Path("/proc/sys/net/ipv4/ip_nonlocal_bind")
# It tries for 2.5 s to listen where it does not yet.
TAKEN_WITHIN_S = 8


class Failed(Exception):
    pass


class Pair:
    def __init__(self, name):
        self.etc = ETC / name
        self.run = pathlib.Path(RUN, f"evenkeel-nginx-{name}")
        self.config = self.run / "nginx.conf"

    def settings(self):
        return json.loads((self.etc / "backends.json").read_text())

    def marks(self):
        """Whom it is to ask nothing, as was found last (nginx_backend.marked)."""
        try:
            return set((self.run / "marks").read_text().splitlines())
        except FileNotFoundError:
            return set()

    def rendered(self):
        return filled_in((self.etc / "nginx.conf").read_text(), self.marks(), names_of)


@contextlib.contextmanager
def alone(pair):
    """The role and the checks write the same file, each from all there is: who comes last has it right."""
    pair.run.mkdir(mode=0o755, parents=True, exist_ok=True)
    with open(pair.run / "lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def replace(path, text):
    """All of a file at once, or nothing of it."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    new.rename(path)


@contextlib.contextmanager
def listening_anywhere(pair):
    """What VRRP carries is listened on before it is here. Not for ever: on all of the host a wrong address would go unnoticed."""
    if not pair.settings()["nonLocal"]:
        yield
        return
    with open(pathlib.Path(RUN, "evenkeel-nonlocal.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        former = NONLOCAL.read_text()
        NONLOCAL.write_text("1")
        try:
            yield
        finally:
            NONLOCAL.write_text(former)


def check(pair):
    """In a network of its own, where it may listen on whatever it likes: what is wrong is the configuration."""
    staged = f"/tmp/evenkeel-nginx.{os.getpid()}"
    os.mkdir(staged, 0o700)
    path = pathlib.Path(staged, "nginx.conf")
    try:
        path.write_text(filled_in((pair.etc / "nginx.conf").read_text(), set(), names_of).replace(str(pair.run), staged))
        command = 'echo 1 >"$0" && exec "$1" -t -q -c "$2"'
        arguments = ["unshare", "--net", "sh", "-c", command, str(NONLOCAL), NGINX, str(path)]
        told = subprocess.run(arguments, capture_output=True, text=True, check=False)
    finally:
        subprocess.run(["rm", "-rf", staged], check=False)
    if told.returncode != 0:
        raise Failed(told.stderr.replace(str(path), str(pair.etc / "nginx.conf")).strip())


def leave_packages_own():
    """Debian's unit starts at boot with a site on port 80 of every address. It is a web pool's, or somebody's whose site runs."""
    units = [line for path in ROLES.glob("*/units") for line in path.read_text().splitlines()]
    if any(line.startswith("nginx ") for line in units):
        return
    if subprocess.run(["systemctl", "-q", "is-active", "nginx"], check=False).returncode != 0:
        subprocess.run(["systemctl", "-q", "--no-reload", "disable", "nginx"], check=False)


def start(pair):
    leave_packages_own()
    with alone(pair), listening_anywhere(pair):
        replace(pair.config, pair.rendered())
        # It leaves its socket behind when it is killed.
        with contextlib.suppress(FileNotFoundError):
            (pair.run / "monitor.sock").unlink()
        told = subprocess.run([NGINX, "-c", str(pair.config)], check=False)
    if told.returncode != 0:
        raise Failed(f"nginx ended with {told.returncode}")


def reload(pair):
    """Also when nothing has changed: a certificate may have."""
    with alone(pair), listening_anywhere(pair):
        former = pair.config.read_text()
        text = pair.rendered()
        replace(pair.config, text)
        hang_up(pair)
        if taken(pair, text):
            return
        # It runs with what it had; so it does when it starts again.
        replace(pair.config, former)
    raise Failed("nginx has not taken its new configuration: its journal tells why")


def mark(pair):
    """The same when only hosts have come or gone."""
    with alone(pair):
        text = pair.rendered()
        if pair.config.exists() and pair.config.read_text() != text:
            replace(pair.config, text)
            hang_up(pair)


def hang_up(pair):
    """Where it does not run, it begins with what there is."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        process = int((pair.run / "nginx.pid").read_text())
        # One that was killed has left its number, which may be another program's by now.
        if pathlib.Path(f"/proc/{process}/comm").read_text().strip() == "nginx":
            os.kill(process, signal.SIGHUP)


def taken(pair, text):
    deadline = time.monotonic() + TAKEN_WITHIN_S
    while time.monotonic() < deadline:
        if current(pair) == mark_of(text):
            return True
        time.sleep(0.05)
    return False


def current(pair):
    """The configuration that whoever answers now has."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{pair.settings()['monitor']}/configuration", timeout=1) as answer:
            return answer.read().decode()
    except (OSError, urllib.error.URLError):
        return None
