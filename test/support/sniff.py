"""Prints how many frames of a host's networks, but not of its loopback, had one of these words while a command ran, and how many had not.

sniff.py COMMAND WORD...
"""

import socket
import subprocess
import sys
import threading

command, *words = sys.argv[1:]
ALL = 3
heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
heard.settimeout(0.5)
frames: list[bytes] = []
over = threading.Event()


def listen() -> None:
    while not over.is_set():
        try:
            frame, (interface, *_) = heard.recvfrom(65536)
        except TimeoutError:
            continue
        if interface != "lo":
            frames.append(frame)


listener = threading.Thread(target=listen)
listener.start()
status = subprocess.run(["bash", "-c", command], check=False, stdout=subprocess.DEVNULL).returncode
over.set()
listener.join()
readable = sum(any(word.encode() in frame for word in words) for frame in frames)
print(readable, len(frames) - readable)
sys.exit(status)
