"""What the names of a cluster's members resolve to, and how a host's resolver comes to ask for them. Pure.

The host's resolver asks a name server of ours first. It refuses all other names, at once, and resolvers then ask the next
server as they did before; so they do when it is not there.
"""

import csv

DEFAULT_SERVER = "127.0.0.1"
# Goes before the server that a file without any means.
UNSAID = "# A resolver that is told of no server asks this one.\n"


def records(stats: str, config: dict) -> dict[str, list[str]] | None:
    """Addresses by name, as HAProxy would choose by its statistics; None while it has not looked at all members yet."""
    rows = [row for row in csv.DictReader(stats.removeprefix("# ").splitlines()) if row["svname"] in config["members"]]
    if not rows or any("INI" in row["check_status"] for row in rows):
        return None
    writers = usable([row for row in rows if row["pxname"] == "write"])[:1]
    readers = usable([row for row in rows if row["pxname"] != "write"])
    if config["readsFromWriter"]:
        readers = writers or readers
    addresses = config["members"]
    return {
        config["writer"]: [addresses[member] for member in writers],
        config["readers"]: [addresses[member] for member in readers],
    }


def usable(rows: list[dict]) -> list[str]:
    """Names of the servers that are up and get new sessions; of the backups, while there is no other."""
    up = [row for row in rows if row["status"].startswith("UP")]
    return [row["svname"] for row in up if row["bck"] == "0"] or [row["svname"] for row in up]


def hosts_file(found: dict[str, list[str]], domains: list[str]) -> str:
    lines = [
        f"{address} {full}\n"
        for name, addresses in found.items()
        for full in spellings(name, domains)
        for address in addresses
    ]
    return "".join(lines)


def spellings(name: str, domains: list[str]) -> list[str]:
    """A resolver asks for a name in each of its search domains first, where others must not answer."""
    return [name, *(f"{name}.{domain}" for domain in domains)]


def search_domains(resolv_conf: str, host: str) -> list[str]:
    """As glibc has it: the last line counts; without any, the domain of the host's own name."""
    found = [host.partition(".")[2]]
    for line in resolv_conf.splitlines():
        words = line.split()
        if words and words[0] in ("search", "domain"):
            found = words[1:]
    return [domain.strip(".") for domain in found if domain.strip(".")]


def servers(resolv_conf: str) -> list[str]:
    lines = [line.split() for line in resolv_conf.splitlines()]
    return [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]


def with_server(resolv_conf: str, address: str) -> str:
    """The server goes before all others, and everything else stays as it is."""
    if servers(resolv_conf)[:1] == [address]:
        return resolv_conf
    lines = without_server(resolv_conf, address).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if not servers("".join(lines)):
        return "".join([*lines, f"nameserver {address}\n", UNSAID, f"nameserver {DEFAULT_SERVER}\n"])
    first = next(i for i, line in enumerate(lines) if line.split()[:1] == ["nameserver"])
    return "".join([*lines[:first], f"nameserver {address}\n", *lines[first:]])


def without_server(resolv_conf: str, address: str) -> str:
    lines = resolv_conf.replace(f"{UNSAID}nameserver {DEFAULT_SERVER}\n", "").splitlines(keepends=True)
    return "".join(line for line in lines if line.split()[:2] != ["nameserver", address])


def query(name: str) -> bytes:
    """A question for the address of a name, as DNS has it on the wire."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"\x27\x10\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\x00\x00\x01\x00\x01"
