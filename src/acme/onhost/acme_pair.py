"""What this host knows of a pair of balancers: its settings, its private keys, its bundles, and what it has tried."""

import json
import os
import subprocess
from pathlib import Path

SETTINGS = Path(os.environ.get("EVENKEEL_SETTINGS", "/etc/evenkeel/balancers"))
STATE = Path(os.environ.get("EVENKEEL_STATE", "/var/lib/evenkeel/acme"))


class Failed(Exception):
    pass


class Pair:
    def __init__(self, name: str):
        self.name = name
        self.folder = STATE / name
        self.settings_file = SETTINGS / name / "acme.json"
        self.keys = SETTINGS / name / "acme"
        self.settings = json.loads(self.settings_file.read_text())
        self.certificates = [Wanted(self, each["id"], each["names"]) for each in self.settings["certificates"]]

    @property
    def account_key(self) -> Path:
        return self.keys / "account.key"

    def has_address(self) -> bool:
        """Being the VRRP master; two of them, cut off from each other, harm nothing: each would have its own certificate."""
        shown = run(["ip", "-4", "-oneline", "address", "show", "to", self.settings["mark"]])
        return shown.returncode == 0 and bool(shown.stdout.strip())

    def authority(self) -> Path | None:
        """Whom to trust as the directory's server, beside Debian's authorities or without one."""
        file = self.keys / "directory.pem"
        return file if file.exists() else None


class Wanted:
    """A certificate that the pair is to have."""

    def __init__(self, pair: Pair, name: str, names: list[str]):
        self.id = name
        self.names = names
        self.key = pair.keys / f"{name}.key"
        self.bundle = pair.folder / f"{name}.pem"
        self.record = pair.folder / f"{name}.json"

    def write(self, chain: str) -> None:
        """The chain and its key in one file, as HAProxy reads them: whole, or as before."""
        key = self.key.read_text()
        write_whole(self.bundle, f"{chain.strip()}\n{key.strip()}\n")

    def tried(self) -> dict:
        """Of the last tries that failed; nothing since one succeeded."""
        try:
            return json.loads(self.record.read_text())
        except (OSError, ValueError):
            return {}

    def note(self, tried: dict) -> None:
        if tried:
            write_whole(self.record, json.dumps(tried))
        else:
            self.record.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def run(words: list[str], **options) -> subprocess.CompletedProcess[str]:
    """Never asks anybody anything, and never waits for long."""
    options = {"input": "", "capture_output": True, "timeout": 30} | options
    try:
        return subprocess.run(words, text=True, errors="replace", check=False, **options)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, "", f"{words[0]}: no end within {options['timeout']} s")
