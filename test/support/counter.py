"""Adds one to one row again and again over a connection that stays, and records which member did it: `seconds HOST`, or `seconds -CODE`.

counter.py FILE PORT USER PASSWORD_FILE SCHEMA; ends when FILE.stop is there.
"""

import sys
import time
from pathlib import Path

import pymysql

log, port, user, password, schema = sys.argv[1:]
connection = None
with open(log, "w", buffering=1) as done:
    while not Path(f"{log}.stop").exists():
        try:
            connection = connection or pymysql.connect(
                host="127.0.0.1",
                port=int(port),
                user=user,
                password=Path(password).read_text(),
                database=schema,
                autocommit=True,
                connect_timeout=2,
                read_timeout=10,
            )
            with connection.cursor() as cursor:
                cursor.execute("UPDATE counter SET n = n + 1")
                cursor.execute("SELECT @@hostname")
                done.write(f"{time.time():.3f} {cursor.fetchone()[0]}\n")
        except (pymysql.Error, OSError) as error:
            done.write(f"{time.time():.3f} -{error.args[0] if error.args else 0}\n")
            if connection and connection.open:
                connection.close()
            connection = None
            time.sleep(0.02)
