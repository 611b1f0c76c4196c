"""Connections of replicas that the primary still holds, and of which their hosts say nothing any more.

MariaDB ends such a connection when the same replica comes back with another one: it then waits for its receiver of
acknowledgements, which nobody wakes (Ack_receiver::remove_slave of 10.11.19), and with it waits every new client. So the
connection is ended before that; and a MariaDB that takes no new connection all the same is given up.
"""

import logging
import socket
import struct
import threading
import time
from pathlib import Path

from pymysql import MySQLError
from pymysql.constants.ER import CON_COUNT_ERROR
from replicated_replica import fence
from replicated_state import MariaDb

TABLE = Path("/proc/net/tcp")
PORT = 3306
ESTABLISHED = "01"
# The second one is sent 0.6 s after what was not acknowledged; a replica looks for another connection after 1 s.
RETRANSMISSIONS = 2
# Longer than a busy host takes for a connection.
CLOSED_SECONDS = 10.0
DUMPS = "SELECT id, host FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%%' AND host IN %s"
log = logging.getLogger("replicated-member")


def end_silent(database: MariaDb) -> None:
    peers = silent_peers(TABLE.read_text())
    for session in database.rows(DUMPS, peers) if peers else []:
        log.info("ends the connection of %s: its host acknowledges nothing", session["host"])
        database.rows("KILL %s", session["id"])


def silent_peers(table: str) -> list[str]:
    """ADDRESS:PORT of those to whom the same was sent again and again; `table` is what Linux says in /proc/net/tcp."""
    connections = [line.split() for line in table.splitlines()[1:]]
    return [
        written(remote)
        for _, local, remote, state, _, _, retransmissions, *_ in connections
        if state == ESTABLISHED and local.endswith(f":{PORT:04X}") and int(retransmissions, 16) >= RETRANSMISSIONS
    ]


def written(address: str) -> str:
    number, port = address.split(":")
    return f"{socket.inet_ntoa(struct.pack('=I', int(number, 16)))}:{int(port, 16)}"


class Door(threading.Thread):
    """Connects once a second, as a client would: what holds its connection already notices nothing."""

    def __init__(self, view):
        super().__init__(daemon=True)
        self.view = view
        self.closed_since: float | None = None

    def run(self) -> None:
        while True:
            if self.view.me.leads:
                self.look(knock(), time.monotonic())
            else:
                self.closed_since = None
            time.sleep(1)

    def look(self, answer: str, now: float) -> None:
        if answer == "open":
            self.closed_since = None
        elif answer == "closed":
            self.closed_since = self.closed_since or now
        if self.closed_since and now - self.closed_since > CLOSED_SECONDS:
            log.warning("MariaDB has taken no new connection for %d s: it is killed", CLOSED_SECONDS)
            fence(self.view)
            self.closed_since = None


def knock() -> str:
    database = MariaDb()
    try:
        database.rows("DO 0")
    except (MySQLError, OSError) as error:
        # Too many clients alone are no reason to change the primary, but no proof that it is well either.
        return "full" if error.args[:1] == (CON_COUNT_ERROR,) else "closed"
    finally:
        database.close()
    return "open"
