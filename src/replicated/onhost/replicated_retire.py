"""How a member leaves for good, in good order and in bounded time."""

import subprocess

import member_retire
from member_peers import Peers, RefusedError
from replicated_steps import CLAIM, SERVER_ID, switchover
from replicated_view import parse


def retire(config: dict) -> None:
    """The program has this host no more. A primary hands over first, if there is anybody to; its rows are laid aside."""
    if not CLAIM.exists():
        return
    leaving = CLAIM.with_suffix(".leaving")
    leaving.touch()
    me = parse(Peers(config).ask(config["name"], "/state"))
    others = [state for state in Peers(config).ask_all("/state").values() if state]
    if me and me.leads and others:
        try:
            switchover(config | {"argument": None})
        except RefusedError as refusal:
            print(f"nobody takes over from {config['name']}: {refusal}")
    subprocess.run(["systemctl", "--quiet", "disable", "--now", "evenkeel-replicated"], check=False)
    member_retire.stop()
    member_retire.lay_aside(config["cluster"], leaving)
    SERVER_ID.unlink(missing_ok=True)
    member_retire.forget("replicated", CLAIM)
