#!/usr/bin/python3
"""A member of a replicated cluster of one, as far as backups can tell: hold, begin, release, and a health answer (serve)."""

import ssl
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

HOLD = Path("/run/evenkeel/replicated.hold")


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        running = subprocess.run(["systemctl", "-q", "is-active", "mariadb"], check=False).returncode == 0
        self.send_response(200 if running and not HOLD.exists() else 503)
        self.end_headers()


match sys.argv[1]:
    case "hold":
        HOLD.parent.mkdir(parents=True, exist_ok=True)
        HOLD.touch()
    case "begin":
        pass
    case "release":
        HOLD.unlink(missing_ok=True)
    case "serve":
        server = HTTPServer(("0.0.0.0", 9200), Health)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain("/root/cert.pem", "/root/key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
