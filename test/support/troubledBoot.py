#!/usr/bin/python3
"""A host's next boot with troubles: its private address comes late, and another program has some of its ports for a while.

troubledBoot.py DEVICE LATE_SECONDS BUSY_SECONDS PROTOCOL/PORT…
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ONCE = Path("/root/troubled-boot.once")
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
device, late, busy, *ports = sys.argv[1:]


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def hold(each: str) -> socket.socket:
    protocol, port = each.split("/")
    held = socket.socket(socket.AF_INET, KINDS[protocol])
    held.bind(("0.0.0.0", int(port)))
    if protocol == "tcp":
        held.listen()
    return held


ONCE.unlink()
address = ip("-4", "-oneline", "address", "show", "dev", device).split()[3]
ip("address", "delete", address, "dev", device)
held = [hold(each) for each in ports]
print(f"without {address}; another program has {' '.join(ports)}", flush=True)
# The boot goes on from here.
if os.fork():
    sys.exit()
time.sleep(float(late))
ip("address", "add", address, "dev", device)
print(f"{address} is there", flush=True)
time.sleep(float(busy) - float(late))
print("the ports are free", flush=True)
