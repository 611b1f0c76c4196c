"""Writes a row at a time through a client host's endpoint, without TLS of its own, and records every acknowledged one: `n seconds` a line.

writer.py FILE HOST PORT USER PASSWORD_FILE SCHEMA CA TABLE; ends when FILE.stop is there. A host other than the loopback is
a name: it is looked up, and the server's certificate checked by it, anew for each row.
"""

import sys
import time
from pathlib import Path

import pymysql

log, host, port, user, password, schema, ca, table = sys.argv[1:]
by_name = host != "127.0.0.1"
connection = None
n = 0
with open(log, "w", buffering=1) as acknowledged:
    while not Path(f"{log}.stop").exists():
        n += 1
        try:
            connection = connection or pymysql.connect(
                host=host,
                port=int(port),
                user=user,
                password=Path(password).read_text(),
                database=schema,
                ssl={"ca": ca, "check_hostname": True} if by_name else None,
                autocommit=True,
                connect_timeout=2,
                read_timeout=10,
            )
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {table} (n) VALUES (%s)", (n,))
            acknowledged.write(f"{n} {time.time():.3f}\n")
            if by_name:
                connection.close()
                connection = None
        except (pymysql.Error, OSError) as error:
            acknowledged.write(f"- {time.time():.3f} {type(error).__name__} {error}\n")
            if connection and connection.open:
                connection.close()
            connection = None
            time.sleep(0.02)
        time.sleep(0.005)
