"""How a member leaves for good, in good order and in bounded time."""

import subprocess
import time

import member_retire
from galera_decision import is_synced
from galera_members import Members
from galera_state import CLAIM, Observer
from galera_steps import drain, hold

# Somebody else may still be taking over all rows; without anybody, this host is one of a cluster that goes whole.
LEAVE_SECONDS = 60
ALONE_SECONDS = 10


def retire(config: dict) -> None:
    """The program has this host no more. The others count it out as it says goodbye; its rows are laid aside."""
    if not CLAIM.exists():
        return
    leaving = CLAIM.with_suffix(".leaving")
    leaving.touch()
    observer = Observer(config)
    await_another(config, observer)
    hold()
    me = observer.look()
    if me.process == "running":
        drain(me, observer, config)
    member_retire.stop()
    subprocess.run(["systemctl", "--quiet", "disable", "--now", "evenkeel-galera"], check=False)
    member_retire.lay_aside(config["cluster"], leaving)
    member_retire.forget("galera", CLAIM)


def await_another(config: dict, observer: Observer) -> None:
    """Its rows are on others, as every row is, unless it is the last one that serves."""
    members, began = Members(config), time.monotonic()
    while observer.look().process == "running" and time.monotonic() - began < LEAVE_SECONDS:
        others = [member for member in members.others().values() if member]
        if any(is_synced(member) for member in others) or (not others and time.monotonic() - began > ALONE_SECONDS):
            return
        time.sleep(0.5)
