"""Once a second the primary writes the time; what a replica finds there tells how far it is behind."""

import threading
import time

from pymysql import MySQLError
from replicated_state import MariaDb

INTERVAL = 1.0
PREPARE = (
    "CREATE DATABASE IF NOT EXISTS evenkeel",
    "CREATE TABLE IF NOT EXISTS evenkeel.heartbeat (id TINYINT PRIMARY KEY, at DATETIME(6) NOT NULL) ENGINE=InnoDB",
)
# Root may write to a primary that takes no writes any more; what is then written nobody else would have.
BEAT = "REPLACE INTO evenkeel.heartbeat SELECT 1, UTC_TIMESTAMP(6) FROM DUAL WHERE NOT @@read_only"


class Heartbeat(threading.Thread):
    """A thread of its own: while no voter acknowledges, a write waits."""

    def __init__(self, view):
        super().__init__(daemon=True)
        self.view = view
        self.database = MariaDb(timeout=30)
        self.prepared = 0

    def run(self) -> None:
        while True:
            epoch = self.view.me.leads
            if epoch:
                try:
                    self.beat(epoch)
                except (MySQLError, OSError):
                    self.database.close()
            time.sleep(INTERVAL)

    def beat(self, epoch: int) -> None:
        with self.view.writing:
            if self.view.me.leads and not self.view.yields_to:
                self.write(epoch)

    def write(self, epoch: int) -> None:
        if self.prepared != epoch:
            for statement in PREPARE:
                self.database.rows(statement)
            self.prepared = epoch
        self.database.rows(BEAT)
