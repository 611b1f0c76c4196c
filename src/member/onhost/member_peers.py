"""How members ask each other: HTTPS, each with a certificate of the cluster's authority."""

import json
import ssl
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException, HTTPResponse, HTTPSConnection

PORT = 9200


class RefusedError(Exception):
    pass


class Peers:
    """The other members, asked all at once; each shows its certificate, as this one does."""

    def __init__(self, config: dict):
        self.names = [name for name in config["members"] if name != config["name"]]
        context = self.context = ssl.create_default_context(cafile=config["ca"])
        # An arbitrator only reads.
        if "cert" in config:
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

    def command(self, name: str, path: str, body: dict, timeout: float = 30) -> dict:
        """Its answer, or what it says against it, as an error."""
        try:
            with self.open(name, path, body, timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise RefusedError(f"{name}: {refusal.read().decode().strip()}") from None
        except OSError as error:
            raise RefusedError(f"{name} does not answer: {error}") from None

    def open(self, name: str, path: str, body: dict | None = None, timeout: float = 60) -> HTTPResponse:
        data = None if body is None else json.dumps(body).encode()
        return self.opener.open(f"https://{name}:{PORT}{path}", data=data, timeout=timeout)


class Line:
    """One connection to another member for question after question: most of what a question costs is the handshake."""

    def __init__(self, peers: Peers, name: str, timeout: float = 1):
        self.peers = peers
        self.connection = HTTPSConnection(name, PORT, timeout=timeout, context=peers.context)

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
