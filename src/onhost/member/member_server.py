"""What the daemons of all kinds of members share: HTTPS among them, files that change, and patience between tries."""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 9200
# Longer bodies are nobody's of a cluster.
MAX_BODY = 100_000

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
            self.protocol_version = "HTTP/1.1"
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

        def get_request(self):
            connection, client = super().get_request()
            # The handshake is the thread's: one slow client must not hold up the others.
            return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), client

        def handle_error(self, *_: object) -> None:
            pass

    Server((address, PORT), Handler).serve_forever()


class Peers:
    """The other members, asked all at once; each shows its certificate, as this one does."""

    def __init__(self, config: dict):
        self.names = [name for name in config["members"] if name != config["name"]]
        context = ssl.create_default_context(cafile=config["ca"])
        context.load_cert_chain(config["cert"], config["key"])
        # No proxy of the environment has a say between members.
        https = urllib.request.HTTPSHandler(context=context)
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)

    def ask_all(
        self, path: str, body: dict | None = None, names: list[str] | None = None, timeout: float = 1
    ) -> dict[str, dict | None]:
        """None for who does not answer in time, or refuses."""
        asked = self.names if names is None else names
        with ThreadPoolExecutor(max_workers=len(asked) or 1) as pool:
            return dict(zip(asked, pool.map(lambda name: self.ask(name, path, body, timeout), asked), strict=True))

    def ask(self, name: str, path: str, body: dict | None = None, timeout: float = 1) -> dict | None:
        try:
            with self.open(name, path, body, timeout) as answer:
                found = json.load(answer)
                return found if isinstance(found, dict) else None
        except (OSError, ValueError, urllib.error.URLError):
            return None

    def open(self, name: str, path: str, body: dict | None = None, timeout: float = 60) -> HTTPResponse:
        data = None if body is None else json.dumps(body).encode()
        return self.opener.open(f"https://{name}:{PORT}{path}", data=data, timeout=timeout)


class Watch:
    """Whether files are others than before."""

    def __init__(self, files: list[Path]):
        self.files = files
        self.former = self.stamps()

    def stamps(self) -> list[int]:
        return [file.stat().st_mtime_ns for file in self.files]

    def changed(self) -> bool:
        former, self.former = self.former, self.stamps()
        return former != self.former


class Patience:
    """Between two tries of the same kind lie 0.5, 1, 2 … 30 s."""

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        self.delay, self.next = 0.5, 0.0

    def allows(self) -> bool:
        if time.monotonic() < self.next:
            return False
        self.next = time.monotonic() + self.delay
        self.delay = min(self.delay * 2, 30)
        return True
