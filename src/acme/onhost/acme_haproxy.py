"""HAProxy takes a certificate while it runs: no connection ends, and at its next start it reads the same file."""

import os
import re
import socket
from pathlib import Path

from acme_pair import Failed

SOCKET = os.environ.get("EVENKEEL_HAPROXY", "/run/haproxy/admin.sock")


def serial_of(bundle: Path) -> str | None:
    """Of what it serves from this file; None when it does not run, or does not know the file yet."""
    try:
        found = re.search(r"^Serial: ([0-9A-Fa-f]+)", said(f"show ssl cert {bundle}"), re.MULTILINE)
    except OSError:
        return None
    return found[1].upper().lstrip("0") if found else None


def take(bundle: Path) -> None:
    # An empty line ends what is set.
    text = "\n".join(line for line in bundle.read_text().splitlines() if line.strip())
    answers = [said(f"set ssl cert {bundle} <<\n{text}\n"), said(f"commit ssl cert {bundle}")]
    if "Success" not in answers[1]:
        said(f"abort ssl cert {bundle}")
        raise Failed(f"HAProxy did not take {bundle}: {' '.join(' '.join(answers).split())}")


def said(command: str) -> str:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(SOCKET)
        line.sendall(f"{command}\n".encode())
        parts = []
        while part := line.recv(65536):
            parts.append(part)
    return b"".join(parts).decode(errors="replace")
