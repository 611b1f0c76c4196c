"""How DigitalOcean's DNS has TXT records."""

# The list of a zone's records in an answer.
LIST = "domain_records"


def written(value: str) -> str:
    return value


def query(name: str) -> dict[str, str | int]:
    """What the list is asked for."""
    return {"type": "TXT", "name": name, "per_page": 200}
