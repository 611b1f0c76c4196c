"""How a member leaves for good, in good order and in bounded time."""

import subprocess
import time

import member_retire
from member_peers import Peers
from replicated_member import Member, leader_of, parse
from replicated_settle import answers, awaited
from replicated_state import CLAIM, LEAVING

# Another one has to lead, and the others to do without its vote; without anybody, its cluster goes whole.
LEAVE_SECONDS = 60
ALONE_SECONDS = 10


def retire(config: dict) -> None:
    """The program has this host no more. What it holds alone others take over; its rows are laid aside, and it is free."""
    name = config["name"]
    if not CLAIM.exists():
        return
    LEAVING.touch()
    began = time.monotonic()

    def is_free() -> bool:
        me = parse(Peers(config).ask(name, "/state"))
        others = answers(Peers(config, me.peers)) if me else []
        if not others:
            return not me or time.monotonic() - began > ALONE_SECONDS
        return has_left(name, others)

    is_over = awaited(LEAVE_SECONDS, is_free)
    # From here on nobody starts MariaDB again.
    subprocess.run(["systemctl", "--quiet", "disable", "--now", "evenkeel-replicated"], check=False)
    if not is_over:
        print(f"the others have not done without {name} within {LEAVE_SECONDS} s: for them it is a host that died")
        # A write that waits for an acknowledgement must not be told that it succeeded.
        subprocess.run(["systemctl", "--quiet", "kill", "--signal=KILL", "mariadb"], check=False)
    member_retire.stop()
    member_retire.lay_aside(config["cluster"], LEAVING)
    member_retire.forget("replicated", CLAIM)


def has_left(name: str, others: list[Member]) -> bool:
    leader = leader_of(others)
    return bool(leader) and leader.settled and name not in leader.voters.names
