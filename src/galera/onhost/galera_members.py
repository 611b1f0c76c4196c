"""What the members of a cluster say of themselves."""

import json
from dataclasses import asdict, fields

from galera_decision import Member
from member_peers import Peers


class Members:
    def __init__(self, config: dict):
        self.peers = Peers(config)

    def others(self) -> dict[str, Member | None]:
        """What the other members say; None for who does not answer within a second."""
        return {name: state and parse(state) for name, state in self.peers.ask_all("/state").items()}

    def ask(self, name: str) -> Member | None:
        state = self.peers.ask(name, "/state")
        return state and parse(state)


def parse(state: dict) -> Member:
    """Unknown fields are a newer version's; they are left out."""
    known = {field.name for field in fields(Member)}
    return Member(**{key: value for key, value in state.items() if key in known})


def unparse(member: Member) -> str:
    return json.dumps(asdict(member))
