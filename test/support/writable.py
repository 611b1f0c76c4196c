"""Notes whether this member's MariaDB takes writes: `BEFORE AFTER yes|no` a line, in seconds since the epoch.

writable.py FILE; ends when FILE.stop is there. A member that does not answer takes none, nor does one that holds writes back: root's
too, which read_only does not refuse. What is written is taken back.
"""

import sys
import time
from pathlib import Path

import pymysql

log = sys.argv[1]
connection = None
with open(log, "w", buffering=1) as seen:
    while not Path(f"{log}.stop").exists():
        before = time.time()
        try:
            connection = connection or pymysql.connect(
                unix_socket="/run/mysqld/mysqld.sock", user="root", connect_timeout=1, read_timeout=1
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT @@read_only")
                answer = "no" if cursor.fetchone()[0] else "yes"
                if answer == "yes":
                    cursor.execute("SET SESSION lock_wait_timeout = 0")
                    cursor.execute("INSERT INTO watched.probe VALUES (1)")
                    connection.rollback()
        except (pymysql.Error, OSError):
            answer, connection = "no", None
        seen.write(f"{before:.4f} {time.time():.4f} {answer}\n")
        time.sleep(0.02)
