"""A certificate by ACME: dehydrated speaks the protocol, and keeps nothing."""

import os
import re
import shlex
import tempfile
from pathlib import Path

from acme_certificate import PEM, request
from acme_pair import Failed, Pair, Wanted, run

# One validation waits for the authority, for DNS perhaps.
PATIENCE = 400
# A nonce that has grown old meanwhile is no refusal; dehydrated does not ask for another one.
TRIES = 6


class Refused(Failed):
    def __init__(self, problem: str, output: str):
        super().__init__(problem)
        self.is_limit = "acme:error:rateLimited" in output


def issue(pair: Pair, wanted: Wanted) -> str:
    """The chain, with its certificate first."""
    with tempfile.TemporaryDirectory(prefix="evenkeel-acme-") as folder:
        work = Path(folder)
        # What it learns of the account it writes beside the key.
        key = work / "account.key"
        key.symlink_to(pair.account_key)
        (work / "challenges").mkdir()
        (work / "config").write_text(config(pair, work))
        (work / "request.pem").write_text(request(wanted.names, wanted.key))
        # An account that is there already is found by its key.
        dehydrated(pair, work, ["--register", "--accept-terms"])
        return "\n".join(PEM.findall(dehydrated(pair, work, ["--signcsr", str(work / "request.pem")])))


def config(pair: Pair, work: Path) -> str:
    authority = pair.authority()
    settings = {
        "CA": pair.settings["directory"],
        "CONTACT_EMAIL": pair.settings["email"],
        "CHALLENGETYPE": pair.settings["challenge"],
        "BASEDIR": str(work),
        # HAProxy answers on every balancer, from the account's thumbprint: what is written here nobody reads.
        "WELLKNOWN": str(work / "challenges"),
        "CURL_OPTS": " ".join(["--connect-timeout 10 --max-time 60", *([f"--cacert {authority}"] if authority else [])]),
        **({"HOOK": str(Path(__file__).with_name("acme-dns")), "HOOK_CHAIN": "yes"} if pair.settings["challenge"] == "dns-01" else {}),
    }
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())


def dehydrated(pair: Pair, work: Path, words: list[str]) -> str:
    command = ["dehydrated", "--config", str(work / "config"), "--privkey", str(work / "account.key"), *words]
    environment = os.environ | {"TMPDIR": str(work), "LC_ALL": "C", "EVENKEEL_ACME": str(pair.settings_file)}
    for left in reversed(range(TRIES)):
        done = run(command, env=environment, timeout=PATIENCE)
        if done.returncode == 0:
            return done.stdout
        output = f"{done.stdout}\n{done.stderr}"
        if "acme:error:badNonce" not in output or left == 0:
            break
    raise Refused(problem_in(output), output)


# Of curl, what people can do something about.
CURL = {
    "6": "no such name",
    "7": "nobody answers there",
    "28": "no answer in time",
    "35": "it does not speak TLS",
    "60": "its certificate is of no authority that is trusted here",
}


def problem_in(output: str) -> str:
    """The authority's own words, if it has said any; both as JSON and as dehydrated shows it."""
    if silent := re.search(r"\((?:get|head|post) for (\S+); curl returned with (\d+)\)", output):
        return f"{silent[1]}: {CURL.get(silent[2], f'error {silent[2]} of curl')}"
    details = re.findall(r'"detail"\]?\s*:?\s*"((?:[^"\\]|\\.)*)"', output)
    errors = re.findall(r"^\s*(?:\+ )?ERROR: (.+)$", output, re.MULTILINE)
    lines = [line for line in output.splitlines() if line.strip()]
    found = [*lines[-1:], *errors[-1:], *details[-1:]][-1:] or ["dehydrated said nothing"]
    return " ".join(found[0].replace('\\"', '"').split())[:300]
