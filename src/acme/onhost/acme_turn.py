"""What each balancer does about its certificates, once a minute: who has the address renews, the others take what is served there."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import acme_haproxy
from acme_certificate import Certificate, public_key_of, read, self_signed
from acme_issue import Refused, issue
from acme_pair import Failed, Pair, Wanted
from acme_peer import served

# After the first try that failed; twice that after the next. Let's Encrypt bears five of an account, a name and an hour.
FIRST_DELAY = 600
LONGEST_DELAY = 86_400
# Where it was one too many, what is left of the hour would not do.
LIMIT_DELAY = 3 * 3600


def say(text: str, level: int = 5) -> None:
    """systemd takes the number for the line's level: beneath 5 (notice) the journal keeps none of this unit's."""
    print(f"<{level}>{text}" if "INVOCATION_ID" in os.environ else text, file=sys.stderr)


def ready(pair: Pair) -> None:
    for wanted in pair.certificates:
        if not held(wanted):
            wanted.write(self_signed(wanted.names, wanted.key))


def held(wanted: Wanted) -> Certificate | None:
    try:
        return read(wanted.bundle.read_text())
    except OSError:
        return None


def turn(pair: Pair) -> None:
    forget_former(pair)
    ready(pair)
    has_address = pair.has_address()
    for wanted in pair.certificates:
        try:
            if has_address:
                renew_if_due(pair, wanted)
            else:
                take_over(pair, wanted)
            hand_to_haproxy(wanted)
        except Failed as failure:
            say(f"certificate of {wanted.names[0]}: {failure}", 3)


def renew(pair: Pair, *names: str) -> None:
    if unknown := set(names) - {wanted.names[0] for wanted in pair.certificates}:
        raise Failed(f"no certificate begins with the name {', '.join(sorted(unknown))}")
    if not pair.has_address():
        raise Failed("another balancer has the address: it is the one to renew")
    for wanted in pair.certificates:
        if not names or wanted.names[0] in names:
            wanted.note({"asked": True})


def leave(pair: Pair) -> None:
    unit = f"evenkeel-acme@{pair.name}"
    subprocess.run(["systemctl", "stop", f"{unit}.timer", f"{unit}.service"], check=False)
    for bundle in pair.folder.glob("*.pem*"):
        subprocess.run(["shred", "-u", str(bundle)], check=False)


def forget_former(pair: Pair) -> None:
    known = {path for wanted in pair.certificates for path in (wanted.bundle, wanted.record)}
    for path in {*pair.folder.glob("*.pem"), *pair.folder.glob("*.json")} - known:
        path.unlink(missing_ok=True)


def renew_if_due(pair: Pair, wanted: Wanted) -> None:
    now = time.time()
    mine = held(wanted)
    tried = wanted.tried()
    if mine and not mine.is_due(wanted.names, public_key_of(wanted.key), now) and not tried.get("asked"):
        wanted.note({})
        return
    is_led = not tried.get("failures") or leads_here(pair, wanted)
    if not may_try(tried, now, is_led):
        return
    try:
        chain = issue(pair, wanted)
    except Refused as refusal:
        failures = tried.get("failures", 0) + 1
        wait = max(delay(failures), LIMIT_DELAY if refusal.is_limit else 0)
        # Where it was one try too many, names that lead here are no reason for another one.
        led = refusal.is_limit or leads_here(pair, wanted)
        wanted.note({"failures": failures, "again": now + wait, "led": led, "problem": str(refusal)})
        raise
    found = read(chain)
    if not found or not found.fits(wanted.names, public_key_of(wanted.key)):
        raise Failed("the authority gave one for other names, or of another key")
    wanted.write(chain)
    wanted.note({})
    say(f"certificate of {wanted.names[0]}: a new one, until {day(found.ends)}")


def may_try(tried: dict, now: float, is_led: bool) -> bool:
    """Names that lead here only now are no reason to wait: the authority refused for their sake."""
    if not tried.get("failures"):
        return True
    return now >= tried["again"] or (is_led and not tried["led"])


def delay(failures: int) -> float:
    return min(FIRST_DELAY * 2 ** min(failures - 1, 20), LONGEST_DELAY)


def leads_here(pair: Pair, wanted: Wanted) -> bool:
    """
    Whether who asks for the names in plain HTTP gets this pair's answer, as far as can be seen from here: a reserved IP need not
    lead a host to itself, and names may lead to a proxy before the pair.
    """
    if pair.settings["challenge"] != "http-01":
        return True
    address = pair.settings["address"]
    return all(address in addresses(name) or answers(name, pair.settings["thumbprint"]) for name in wanted.names)


def addresses(name: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, 80, socket.AF_INET, socket.SOCK_STREAM)}
    except OSError:
        return set()


def answers(name: str, thumbprint: str) -> bool:
    token = secrets.token_urlsafe(12)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{name}/.well-known/acme-challenge/{token}", timeout=5) as answer:
            return answer.read(1000).decode(errors="replace").strip() == f"{token}.{thumbprint}"
    except (OSError, ValueError, urllib.error.URLError):
        return False


def take_over(pair: Pair, wanted: Wanted) -> None:
    """What is served at the address, when it was issued after what is here."""
    key = public_key_of(wanted.key)
    mine = held(wanted)
    chain = served(pair, wanted, key)
    found = read(chain) if chain else None
    if not chain or not found or found.serial == (mine and mine.serial):
        return
    if mine and mine.fits(wanted.names, key) and mine.begins > found.begins:
        return
    wanted.write(chain)
    wanted.note({})
    say(f"certificate of {wanted.names[0]}: as the balancer with the address has it, until {day(found.ends)}")


def hand_to_haproxy(wanted: Wanted) -> None:
    """Also what another turn could not hand over."""
    mine = held(wanted)
    serving = acme_haproxy.serial_of(wanted.bundle)
    if mine and serving is not None and serving != mine.serial:
        acme_haproxy.take(wanted.bundle)


def day(moment: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(moment))
