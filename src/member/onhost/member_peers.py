"""How members ask each other: HTTPS, each with a certificate of the cluster's authority."""

import json
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from http.client import HTTPException, HTTPResponse, HTTPSConnection

PORT = 9200


class RefusedError(Exception):
    pass


class AnswerError(OSError):
    """It answers, and what it says is no."""


class Connection(HTTPSConnection):
    """To a member's address, and checked by its name: a member that /etc/hosts does not know any more is reached, too."""

    def __init__(self, name: str, address: str, context: ssl.SSLContext, timeout: float):
        super().__init__(name, PORT, timeout=timeout, context=context)
        self.address = address
        self.tls = context

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)


class Peers:
    """The other members, asked all at once; each shows its certificate, as this one does."""

    def __init__(self, config: dict, addresses: dict[str, str] | None = None):
        """`addresses` by name are those of whom it may ask; without them it is the configured members."""
        self.addresses = addresses or config.get("addresses", {})
        self.names = [name for name in (addresses or config["members"]) if name != config["name"]]
        context = self.context = ssl.create_default_context(cafile=config["ca"])
        # An arbitrator only reads.
        if "cert" in config:
            context.load_cert_chain(config["cert"], config["key"])

    def ask_all(
        self, path: str, body: dict | None = None, names: list[str] | None = None, timeout: float = 1
    ) -> dict[str, dict | None]:
        """None for who does not answer in time, or refuses."""
        asked = self.names if names is None else names
        with ThreadPoolExecutor(max_workers=len(asked) or 1) as pool:
            return dict(zip(asked, pool.map(lambda name: self.ask(name, path, body, timeout), asked), strict=True))

    def ask_until(
        self, enough: Callable[[dict[str, dict]], bool], path: str, body: dict, timeout: float = 1
    ) -> dict[str, dict]:
        """All of them, for as long as what has been answered is not enough; the rest is told all the same."""
        answers: dict[str, dict] = {}
        pool = ThreadPoolExecutor(max_workers=len(self.names) or 1)
        asked = {pool.submit(self.ask, name, path, body, timeout): name for name in self.names}
        pool.shutdown(wait=False)
        for done in as_completed(asked):
            if answer := done.result():
                answers[asked[done]] = answer
            if enough(answers):
                break
        return answers

    def ask(self, name: str, path: str, body: dict | None = None, timeout: float = 1) -> dict | None:
        try:
            with self.open(name, path, body, timeout) as answer:
                found = json.load(answer)
                return found if isinstance(found, dict) else None
        except (OSError, HTTPException, ValueError):
            return None

    def command(self, name: str, path: str, body: dict, timeout: float = 30) -> dict:
        """Its answer, or what it says against it, as an error."""
        try:
            with self.open(name, path, body, timeout) as answer:
                return json.load(answer)
        except AnswerError as refusal:
            raise RefusedError(f"{name}: {refusal}") from None
        except (OSError, HTTPException) as error:
            raise RefusedError(f"{name} does not answer: {error}") from None

    def open(self, name: str, path: str, body: dict | None = None, timeout: float = 60) -> HTTPResponse:
        connection = self.connection(name, timeout)
        data = None if body is None else json.dumps(body).encode()
        connection.request("GET" if data is None else "POST", path, data, {"Connection": "close"})
        answer = connection.getresponse()
        if answer.status != 200:
            with answer:
                raise AnswerError(answer.read().decode().strip())
        return answer

    def connection(self, name: str, timeout: float) -> Connection:
        return Connection(name, self.addresses.get(name, name), self.context, timeout)


class Line:
    """One connection to another member for question after question: most of what a question costs is the handshake."""

    def __init__(self, peers: Peers, name: str, timeout: float = 1):
        self.peers = peers
        self.connection = peers.connection(name, timeout)

    def ask(self, path: str) -> dict | None:
        """None for who does not answer in time."""
        try:
            self.connection.request("GET", path)
            found = json.load(self.connection.getresponse())
            return found if isinstance(found, dict) else None
        except (OSError, HTTPException, ValueError):
            # The next question opens it anew.
            self.connection.close()
            return None
