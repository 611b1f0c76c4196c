"""What visitors were answered, as nginx tells on a socket: a line for each request that a backend has answered."""

import asyncio
import contextlib
import os
import pathlib
import shutil
import socket


class Answers(asyncio.DatagramProtocol):
    def __init__(self, heard):
        self.heard = heard

    def datagram_received(self, data, _address):
        # As "<190>Nov 29 12:00:00 nginx: lb-http-80 web-0 200"; for what changes something the pool has a twin.
        words = data.decode("latin-1").rpartition(": ")[2].split()
        if len(words) == 3 and words[2].isdecimal():
            self.heard(words[0].removesuffix("-once"), words[1], int(words[2]))


async def listen(path, heard):
    with contextlib.suppress(FileNotFoundError):
        pathlib.Path(path).unlink()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Answers(heard), local_addr=str(path), family=socket.AF_UNIX
    )
    os.chmod(path, 0o600)
    with contextlib.suppress(LookupError, PermissionError):
        shutil.chown(path, "www-data")
    return transport
