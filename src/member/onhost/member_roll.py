"""Whom a member keeps in touch with: the members on its list, and those who are not on it any more, or not yet, and still
belong to the cluster.

When one host takes another one's place in the program, each host is told so at a time of its own, and the one that goes
is told last, when the other one has all rows. Until then all of them have to reach each other. So a former member is kept
for as long as it answers, and a new one is heard of from those who have it on their lists.
"""

import json
import logging
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

# A host that is gone answers no more; one that restarts does so again.
FORGET_SECONDS = 60.0
# Where the host's firewall is the baseline's, who is not in a role's rules is let in by a file there.
FIREWALL = Path("/etc/nftables.d")
log = logging.getLogger("member")

Addresses = dict[str, str]


def firewall_rules(kind: str) -> Path:
    return FIREWALL / f"60-evenkeel-{kind}.nft"


class Roll:
    def __init__(self, kind: str, ports: Iterable[int], config: dict):
        self.file = Path(f"/var/lib/evenkeel/{kind}.roll")
        self.rules = firewall_rules(kind)
        self.ports = ", ".join(map(str, ports))
        self.name = config["name"]
        kept = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.listed: Addresses = kept.get("listed", {})
        self.former: Addresses = kept.get("former", {})
        # By name the address that others told, and when; and when a former member answered last.
        self.told: dict[str, tuple[str, float]] = {}
        self.answered: dict[str, float] = {}
        self.read(config)

    def read(self, config: dict) -> None:
        """Who was on the list before is a former member from now on."""
        listed = config["addresses"]
        self.former = {name: each for name, each in (self.former | self.listed).items() if name not in listed}
        self.listed = listed
        self.keep()

    def keep(self) -> None:
        text = json.dumps({"listed": self.listed, "former": self.former})
        if not self.file.exists() or self.file.read_text() != text:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.file.with_suffix(".new")
            temporary.write_text(text)
            temporary.rename(self.file)

    @property
    def own(self) -> Addresses:
        """What it tells others."""
        return self.former | self.listed

    @property
    def addresses(self) -> Addresses:
        told = {name: address for name, (address, _) in self.told.items()}
        return {name: address for name, address in (told | self.own).items() if name != self.name}

    def hear(self, answers: dict[str, Addresses], needed: Iterable[str] = ()) -> None:
        """What everybody who answers tells of whom it has; who is needed is kept though it does not answer."""
        now = time.monotonic()
        for name, others in answers.items():
            self.answered[name] = now
            self.told |= {other: (address, now) for other, address in others.items()}
        self.told = {name: each for name, each in self.told.items() if name in needed or now - each[1] < FORGET_SECONDS}
        kept = {
            name: address
            for name, address in self.former.items()
            if name in needed or now - self.answered.setdefault(name, now) < FORGET_SECONDS
        }
        if kept != self.former:
            log.info("forgets %s: no member any more", ", ".join(sorted(self.former.keys() - kept.keys())))
            self.former = kept
            self.keep()

    def admit(self) -> None:
        """Lets those in whom the role's own rules do not."""
        if not FIREWALL.is_dir():
            return
        strangers = {address for name, address in self.addresses.items() if name not in self.listed}
        text = "".join(f"ip saddr {address} tcp dport {{ {self.ports} }} accept\n" for address in sorted(strangers))
        if text == (self.rules.read_text() if self.rules.exists() else ""):
            return
        if text:
            self.rules.write_text(text)
        else:
            self.rules.unlink(missing_ok=True)
        subprocess.run(["systemctl", "--quiet", "reload", "nftables"], check=False)
