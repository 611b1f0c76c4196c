"""What the last run to a host came to, for whoever asks (runs/HOST.json), and whether the host lacks something."""

import os
import time

from sync_local import Local


class Record:
    """`behind`: the host lacks a change that is in no list any more, and gets all of the tree next.

    The file for it is there during a run too, so one that is killed leaves it.
    """

    def __init__(self, local: Local, host: str):
        self.local = local
        self.host = host
        self.path = f"{local.run}/behind-{host}"
        self.began = time.time()

    @property
    def behind(self) -> bool:
        return os.path.exists(self.path)

    def begin(self) -> None:
        self.began = time.time()
        with open(self.path, "a", encoding="utf-8"):
            pass

    def end(self, error: str | None, lacks: bool, whole: bool, held: int = 0) -> bool:
        """`lacks`: the run did not bring what it should have; `held`: files that it would have deleted. Whether the error is news."""
        former = self.local.read(f"runs/{self.host}.json")
        now = time.time()
        # What was held back by a run of the whole tree is so until the next one.
        if not whole and not error and former.get("held"):
            error, held = former.get("error"), former["held"]
        if not lacks:
            os.unlink(self.path)
        self.local.keep(
            f"runs/{self.host}.json",
            {
                "at": now,
                "ok": error is None,
                "error": error,
                "seconds": round(now - self.began, 3),
                "last_ok": now if error is None else former.get("last_ok"),
                "last_whole": now if whole and error is None else former.get("last_whole"),
                "behind": (former.get("behind") or self.began) if lacks else None,
                "held": held,
            },
        )
        return error != former.get("error")
