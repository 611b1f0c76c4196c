"""What is thought of one backend, by its answers to checks and to visitors."""

from collections import deque

FALL = 2
RISE = 2
# Errors that visitors get in a row.
ERRORS = 5
# Each return is a reload: who comes and goes has to be well for longer each time, up to a minute.
FORGOTTEN_S = 600
LONGEST_RISE = 60


class Backend:
    """
    Up, down by its checks, resting (well again, and to be so for a while, for it comes and goes), or out: well by its checks, and yet
    all visitors get errors.
    """

    def __init__(self, state="up"):
        self.state = state
        self.others = 0
        self.well = 0
        self.errors = 0
        self.fallen = deque()

    def _becomes(self, state, now):
        if state in ("down", "out"):
            self.fallen.append(now)
        # Who rests is well for as long as it has been.
        self.well = self.well if state == "resting" else 0
        self.state, self.others, self.errors = state, 0, 0
        return True

    def rise(self, now):
        """How many checks in a row have to be well before it is again."""
        while self.fallen and now - self.fallen[0] > FORGOTTEN_S:
            self.fallen.popleft()
        return min(LONGEST_RISE, max(RISE, 2 ** len(self.fallen)))

    def checked(self, is_well, now):
        """Whether that has changed something."""
        self.others = 0 if is_well else self.others + 1
        self.well = self.well + 1 if is_well else 0
        if self.state != "down" and self.others >= FALL:
            return self._becomes("down", now)
        if self.state != "up" and self.well >= self.rise(now):
            return self._becomes("up", now)
        if self.state == "down" and self.well >= RISE:
            return self._becomes("resting", now)
        return False

    def answered(self, status, now):
        """The same, of a visitor's request."""
        self.errors = self.errors + 1 if status >= 500 else 0
        return self.state == "up" and self.errors >= ERRORS and self._becomes("out", now)

    def is_in_doubt(self):
        return self.state != "down" and self.others > 0


def marked(states, pools):
    """
    Whom nginx is to ask nothing, as "NAME", or "NAME in POOL": left out of that one. Never all of a pool for errors alone: then they
    are the application's. Nor does anybody rest where nobody else is left.
    """
    usable = {name for name, state in states.items() if state == "up"}
    for names in pools.values():
        if usable.isdisjoint(names):
            usable.update(name for name in names if states[name] == "resting")
    marks = {name for name, state in states.items() if state in ("down", "resting")} - usable
    for pool, names in pools.items():
        if not usable.isdisjoint(names):
            marks.update(f"{name} in {pool}" for name in names if states[name] == "out")
    return marks
