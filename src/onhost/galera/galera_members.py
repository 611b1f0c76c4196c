"""How the members of a cluster ask each other: HTTPS, each with a certificate of the cluster's authority."""

import json
import ssl
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields

from galera_decision import Member

PORT = 9200


class Members:
    def __init__(self, config: dict):
        self.me = config["name"]
        self.order = config["members"]
        self.context = ssl.create_default_context(cafile=config["ca"])
        # No proxy of the environment has a say between members.
        https = urllib.request.HTTPSHandler(context=self.context)
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)

    def others(self) -> dict[str, Member | None]:
        """What the other members say; None for who does not answer within a second."""
        names = [name for name in self.order if name != self.me]
        with ThreadPoolExecutor(max_workers=len(names) or 1) as pool:
            return dict(zip(names, pool.map(self.ask, names), strict=True))

    def ask(self, name: str) -> Member | None:
        try:
            with self.opener.open(f"https://{name}:{PORT}/state", timeout=1) as answer:
                return parse(json.load(answer))
        except (OSError, ValueError, TypeError, urllib.error.URLError):
            return None


def parse(state: dict) -> Member:
    """Unknown fields are a newer version's; they are left out."""
    known = {field.name for field in fields(Member)}
    return Member(**{key: value for key, value in state.items() if key in known})


def unparse(member: Member) -> str:
    return json.dumps(asdict(member))
