"""What another host of a sync may ask of this one: the state of its tree, and the other end of rsync or unison."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

from sync_local import Local, lock, read, write

LONGEST_COMMAND = 65536
RRSYNC = "/usr/bin/rrsync"
PATIENCE_S = 5
# Everything that should arrive did: files that went away meanwhile, and some that stay here, are no errors.
GOOD = {0, 24, 25}
SKIPPED = re.compile(r"--max-delete limit \((\d+) skipped\)")
# After its end was asked for.
ENDING_S = 10
# Of silence.
HEARD_OUT_S = 5


class Refused(Exception):
    """Told in this host's journal; the other one learns of it by `hello`."""


def serve(local: Local) -> int:
    command = first_line(0)
    words = command.split()
    if command == "hello":
        return answer(local)
    if command == "complete" and local.marked():
        local.touch("complete")
        return 0
    if words[:2] == ["rsync", "--server"] and local.config["mode"] != "twoWay":
        return send(local, command) if "--sender" in words else receive(local, command)
    if words[:2] == ["unison", "-server"] and local.config["mode"] == "twoWay":
        import sync_peer

        sync_peer.serve(local, words[2:])
    raise Refused(f"does not take {command!r}")


def first_line(source: int) -> str:
    """Byte by byte: what follows belongs to the program that the line asks for."""
    line = bytearray()
    while len(line) <= LONGEST_COMMAND:
        byte = os.read(source, 1)
        if byte == b"\n":
            return os.fsdecode(bytes(line))
        if not byte:
            break
        line += byte
    raise Refused("the connection ended before there was a command")


def answer(local: Local) -> int:
    """Now, and to each line that comes: a connection for each question would cost a small host more than all else."""
    print(json.dumps(hello(local)), flush=True)
    while os.read(0, 1):
        print(json.dumps(hello(local)), flush=True)
    return 0


def hello(local: Local) -> dict:
    disk = os.statvfs(local.path)
    told = {
        "host": local.config["host"],
        "marker": local.marked(),
        "empty": local.empty(),
        "complete": local.has("complete"),
        "free": disk.f_bavail * disk.f_frsize,
        "inodes": disk.f_favail,
        "arrived": arrived(local),
        "received": received(local),
    }
    return told | (centre().hello(local.config) if local.config["mode"] == "twoWay" else {})


def arrived(local: Local) -> float | None:
    """When something last came here without an error."""
    try:
        return os.stat(f"{local.state}/arrived").st_mtime
    except FileNotFoundError:
        return None


def received(local: Local) -> dict:
    """How the last run from the source ended, as this side sees it."""
    try:
        return json.loads(read(f"{local.run}/received"))
    except (OSError, ValueError):
        return {"status": 0, "skipped": 0, "said": ""}


def receive(local: Local, command: str) -> int:
    if not local.marked():
        raise Refused(local.unmarked())
    held = alone(local)
    ended = rrsync(local.path, ["-wo", "-no-lock"], command)
    write(f"{local.run}/received", json.dumps(ended))
    if ended["status"] in GOOD:
        local.touch("arrived")
    os.close(held)
    hear_out()
    return ended["status"]


def hear_out() -> None:
    """A source that still sends reads what was for it; a connection that breaks takes the last words with it."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(0)) as connection:
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(HEARD_OUT_S)
        while connection.recv(65536):
            pass


def send(local: Local, command: str) -> int:
    """To a source that has lost its tree."""
    if not (local.marked() and local.has("complete")):
        raise Refused("has no whole copy to give")
    return rrsync(local.path, ["-ro"], command)["status"]


def alone(local: Local) -> int:
    """A source has one run at a time: one that is still here after a while is of a connection that broke, and nobody's."""
    path = f"{local.run}/receives"
    held = lock(path, PATIENCE_S)
    if held is None:
        end(path)
        held = lock(path, ENDING_S)
    if held is None:
        raise Refused("another run goes on, and does not end")
    write(f"{path}.pid", str(os.getpid()))
    return held


def end(path: str) -> None:
    try:
        os.kill(int(read(f"{path}.pid")), signal.SIGTERM)
    except (OSError, ValueError) as error:
        print(f"evenkeel: the run before this one: {error}", file=sys.stderr)


def rrsync(path: str, options: list[str], command: str) -> dict:
    """How it ended; how many files it would have deleted and was not let, and its last words: it tells them this host alone."""
    print(f"evenkeel: {command}", file=sys.stderr)
    began, said, skipped = time.monotonic(), "", 0
    environment = os.environ | {"SSH_ORIGINAL_COMMAND": command, "LC_ALL": "C"}
    with subprocess.Popen(
        [RRSYNC, *options, path], env=environment, stderr=subprocess.PIPE, text=True, errors="backslashreplace"
    ) as process:
        # Its children end with the connection, which is theirs alone.
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        for given in process.stderr:
            # As rrsync names the folder to rsync.
            line = re.sub(r"/proc/self/fd/\d+", path, given)
            print(line, end="", file=sys.stderr, flush=True)
            found = SKIPPED.search(line)
            skipped = int(found[1]) if found else skipped
            said = line.strip() if not found and not line.startswith("rsync error: ") else said
        status = process.wait()
    print(f"evenkeel: ended with {status} after {time.monotonic() - began:.1f} s", file=sys.stderr)
    return {"status": abs(status), "skipped": skipped, "said": said}


def centre():
    import sync_centre

    return sync_centre
