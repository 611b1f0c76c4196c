"""What the members of a cluster say of themselves."""

import json
from dataclasses import asdict, fields

from galera_decision import Member
from member_peers import Peers
from member_roll import Roll


class Members:
    """Those on the list; with a roll, those who are not on it any more or not yet, too."""

    def __init__(self, config: dict, roll: Roll | None = None):
        self.config, self.roll = config, roll
        self.peers = Peers(config, roll.addresses if roll else None)

    def others(self) -> dict[str, Member | None]:
        """What the other members say; None for who is on the list and does not answer within a second."""
        said = {name: state and parse(state) for name, state in self.peers.ask_all("/state").items()}
        if self.roll:
            self.meet({member.name: member for member in said.values() if member})
        return {name: member for name, member in said.items() if member or name in self.config["members"]}

    def meet(self, answering: dict[str, Member]) -> None:
        group = {address for member in answering.values() for address in member.view}
        present = [name for name, address in self.roll.former.items() if address in group]
        self.roll.hear({name: member.peers for name, member in answering.items()}, present)
        if self.roll.addresses != self.peers.addresses:
            self.peers = Peers(self.config, self.roll.addresses)
        self.roll.admit()

    def ask(self, name: str) -> Member | None:
        state = self.peers.ask(name, "/state")
        return state and parse(state)


def parse(state: dict) -> Member:
    """Unknown fields are a newer version's; they are left out."""
    known = {field.name for field in fields(Member)}
    return Member(**{key: value for key, value in state.items() if key in known})


def unparse(member: Member) -> str:
    return json.dumps(asdict(member))
