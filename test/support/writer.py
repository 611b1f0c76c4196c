"""Writes a row at a time through a client host's endpoint and records every acknowledged one: `n seconds` a line.

writer.py FILE PORT USER PASSWORD_FILE SCHEMA CA TABLE; ends when FILE.stop is there.
"""

import sys
import time
from pathlib import Path

import pymysql

log, port, user, password, schema, ca, table = sys.argv[1:]
connection = None
n = 0
with open(log, "w", buffering=1) as acknowledged:
    while not Path(f"{log}.stop").exists():
        n += 1
        try:
            connection = connection or pymysql.connect(
                host="127.0.0.1",
                port=int(port),
                user=user,
                password=Path(password).read_text(),
                database=schema,
                ssl={"ca": ca, "check_hostname": False},
                autocommit=True,
                connect_timeout=2,
                read_timeout=10,
            )
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {table} (n) VALUES (%s)", (n,))
            acknowledged.write(f"{n} {time.time():.3f}\n")
        except (pymysql.Error, OSError) as error:
            acknowledged.write(f"- {time.time():.3f} {type(error).__name__} {error}\n")
            if connection and connection.open:
                connection.close()
            connection = None
            time.sleep(0.02)
        time.sleep(0.005)
