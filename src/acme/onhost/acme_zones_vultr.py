"""How Vultr's DNS has TXT records."""

# The list of a zone's records in an answer.
LIST = "records"


def written(value: str) -> str:
    return f'"{value}"'


def query(_name: str) -> dict[str, str | int]:
    """What the list is asked for: it knows no filter."""
    return {"per_page": 500}
