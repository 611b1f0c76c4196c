"""What a certificate is, and when another one is due."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from acme_pair import Failed, run

PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
DAY = 86_400


@dataclass(frozen=True)
class Certificate:
    """The first of a chain."""

    names: frozenset[str]
    begins: float
    ends: float
    serial: str
    public_key: str
    # Nobody but this pair says that it is right.
    is_own: bool

    def is_due(self, names: list[str], public_key: str, now: float) -> bool:
        """A third of its life is left to try: 30 days of 90, 2 of 6."""
        left = self.ends - now
        return not self.fits(names, public_key) or left < (self.ends - self.begins) / 3

    def fits(self, names: list[str], public_key: str) -> bool:
        return not self.is_own and self.names == frozenset(names) and self.public_key == public_key

    def is_near_its_end(self, now: float) -> bool:
        """Who renews has failed for half of the time that there was."""
        return self.ends - now < min(14 * DAY, (self.ends - self.begins) / 6)


def read(text: str) -> Certificate | None:
    """Of a chain or a bundle; None when it holds no certificate."""
    first = PEM.search(text)
    if not first:
        return None
    shown = run(
        ["openssl", "x509", "-noout", "-dates", "-dateopt", "iso_8601", "-serial", "-subject", "-issuer", "-pubkey", "-ext", "subjectAltName"],
        input=first[0],
    )
    if shown.returncode != 0:
        return None
    fields = dict(line.split("=", 1) for line in shown.stdout.splitlines() if re.match(r"[A-Za-z]+=", line))
    return Certificate(
        names=frozenset(re.findall(r"DNS:([^\s,]+)", shown.stdout)),
        begins=moment(fields["notBefore"]),
        ends=moment(fields["notAfter"]),
        serial=fields["serial"].upper().lstrip("0"),
        public_key=public_half(shown.stdout),
        is_own=fields["subject"] == fields["issuer"],
    )


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def public_half(text: str) -> str:
    found = re.search(r"-----BEGIN PUBLIC KEY-----(.+?)-----END", text, re.DOTALL)
    return "".join(found[1].split()) if found else ""


def public_key_of(key: Path) -> str:
    shown = run(["openssl", "pkey", "-in", str(key), "-pubout"])
    if shown.returncode != 0:
        raise Failed(f"{key} holds no private key that openssl reads")
    return public_half(shown.stdout)


def self_signed(names: list[str], key: Path) -> str:
    """What HAProxy starts with: no visitor's browser takes it."""
    subject = ["-subj", "/CN=no certificate yet", "-addext", f"subjectAltName={alternative_names(names)}"]
    made = run(["openssl", "req", "-x509", "-key", str(key), "-days", "3650", *subject])
    if made.returncode != 0:
        raise Failed(f"openssl: {made.stderr.strip()}")
    return made.stdout


def request(names: list[str], key: Path) -> str:
    """A request for a certificate; its names are alternative ones alone, as a common name takes no more than 64 letters."""
    made = run(["openssl", "req", "-new", "-key", str(key), "-subj", "/", "-addext", f"subjectAltName={alternative_names(names)}"])
    if made.returncode != 0:
        raise Failed(f"openssl: {made.stderr.strip()}")
    return made.stdout


def alternative_names(names: list[str]) -> str:
    return ",".join(f"DNS:{name}" for name in names)
