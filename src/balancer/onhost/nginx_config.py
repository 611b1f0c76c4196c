"""The configuration of a pair's nginx: what its role says, with what only the host knows."""

import hashlib
import re
import subprocess

SERVER = re.compile(r"^( *server [^;\n]+);( # checked: ((\S+)(?: in \S+)?))$", re.MULTILINE)
NAMES = re.compile(r"\{\{names (\S+)\}\}")
CHECKSUM = "{{checksum}}"
MARK = re.compile(r'return 200 "([0-9a-f]{16})"')
NAME = re.compile(r"(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def filled_in(text, marks, names):
    """What nginx is to have: servers that are to be asked nothing marked so, and the names of each certificate where it stands."""

    def marked(match):
        server, comment, in_pool, check = match.groups()
        return f"{server}{' down' if check in marks or in_pool in marks else ''};{comment}"

    text = SERVER.sub(marked, NAMES.sub(lambda match: " ".join(names(match[1])), text))
    return text.replace(CHECKSUM, hashlib.sha256(text.encode()).hexdigest()[:16])


def mark_of(text):
    """What nginx tells that has taken it."""
    return MARK.search(text)[1]


def names_of(path):
    """The names that a certificate is for; nobody asks for one that has none."""
    command = ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", path]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    names = [name for name in re.findall(r"DNS:([^,\s]+)", told) if NAME.fullmatch(name)]
    return names or ["certificate-without-names.invalid"]
