"""The HTTPS server of a member: HAProxy asks it whether the member may be used, the other members ask it for more."""

import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from member_peers import PORT

# Longer bodies are nobody's of a cluster.
MAX_BODY = 100_000
# Python has no name for it yet.
IP_FREEBIND = 15
# Between two tries to have the port.
RETRY_SECONDS = 0.5
log = logging.getLogger("member")

# Method, path, body and the name in the peer's certificate, if it has one; gives a status, and a text or a stream.
Answer = Callable[[str, str, dict, str | None], tuple[int, str | Iterator[bytes]]]


def server_context(config: dict) -> ssl.SSLContext:
    """HAProxy asks without a certificate; who has one has it checked."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=config["ca"])
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_cert_chain(config["cert"], config["key"])
    return context


def serve(address: str, context: ssl.SSLContext, answer: Answer) -> None:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5
        # Members ask over a connection that stays.
        protocol_version = "HTTP/1.1"
        # The body follows its headers at once.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.reply(*answer("GET", self.path, {}, self.peer()))

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", 0)), MAX_BODY)
            try:
                body = json.loads(self.rfile.read(length) or "{}")
            except ValueError:
                self.reply(400, "the body is not JSON")
                return
            self.reply(*answer("POST", self.path, body, self.peer()))

        def peer(self) -> str | None:
            certificate = self.connection.getpeercert()
            subject = dict(pair for part in (certificate or {}).get("subject", ()) for pair in part)
            return subject.get("commonName")

        def reply(self, status: int, content: str | Iterator[bytes]) -> None:
            if not isinstance(content, str):
                self.stream(status, content)
                return
            body = f"{content}\n".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def stream(self, status: int, chunks: Iterator[bytes]) -> None:
            """Without the last, empty chunk, whoever reads it knows that it is not whole."""
            self.close_connection = True
            self.send_response(status)
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            for chunk in chunks:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def server_bind(self) -> None:
            """A host may get its address after it has booted. Whose name the address is, which HTTPServer asks, is of no use."""
            self.socket.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
            TCPServer.server_bind(self)
            self.server_name, self.server_port = self.server_address

        def get_request(self):
            connection, client = super().get_request()
            # The handshake is the thread's: one slow client must not hold up the others.
            return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), client

        def handle_error(self, *_: object) -> None:
            pass

    patiently(lambda: Server((address, PORT), Handler)).serve_forever()


def patiently(listen: Callable[[], ThreadingHTTPServer]) -> ThreadingHTTPServer:
    """Another program that has the port gives it back some day."""
    told = False
    while True:
        try:
            return listen()
        except OSError as error:
            if not told:
                log.warning("cannot listen on port %d yet: %s", PORT, error)
            told = True
            time.sleep(RETRY_SECONDS)
