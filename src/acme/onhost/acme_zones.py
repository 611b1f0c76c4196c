"""TXT records in the DNS of a cloud, by its API; acme_zones_CLOUD.py is what is the cloud's own about them."""

import importlib
import json
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urlencode

# Seconds for which others may remember a record: the least that clouds take.
TTL = 120


class Zones:
    def __init__(self, provider: str, api: str, header: Path):
        self.cloud = importlib.import_module(f"acme_zones_{provider}")
        self.api = api
        key, _, value = header.read_text().strip().partition(": ")
        self.header = {key: value}
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def add(self, name: str, value: str) -> None:
        zone, label = self.place(name)
        record = {"type": "TXT", "name": label, "data": self.cloud.written(value), "ttl": TTL}
        self.ask("POST", f"/v2/domains/{quote(zone)}/records", record)

    def remove(self, name: str, value: str) -> None:
        """Only what was written for this challenge: another balancer, or another program, may have one of the same name."""
        zone, label = self.place(name)
        records = f"/v2/domains/{quote(zone)}/records"
        found = self.ask("GET", f"{records}?{urlencode(self.cloud.query(name))}")[self.cloud.LIST]
        for record in found:
            if (record["type"], record["name"], record["data"].strip('"')) == ("TXT", label, value):
                self.ask("DELETE", f"{records}/{record['id']}")

    def forget(self, name: str, value: str) -> None:
        """As far as it goes."""
        try:
            self.remove(name, value)
        except (OSError, ValueError, LookupError):
            pass

    def place(self, name: str) -> tuple[str, str]:
        """The zone that the name is in, the longest that the account has, and the name within it."""
        labels = name.split(".")
        for i in range(1, len(labels) - 1):
            zone = ".".join(labels[i:])
            try:
                self.ask("GET", f"/v2/domains/{quote(zone)}")
            except urllib.error.HTTPError as error:
                if error.code != 404:
                    raise
            else:
                return zone, ".".join(labels[:i])
        raise LookupError(f"the account has no zone for {name}")

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        headers = self.header | ({} if body is None else {"Content-Type": "application/json"})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.api}{path}", data, headers, method=method)
        with self.opener.open(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else {}
