"""What a unison that was cut off has left of files that were on their way: whoever exchanges next begins them anew."""

import contextlib
import os
import re
import shutil

NAME = re.compile(rb"(?s)\.unison\..*\.unison\.tmp")


def clear(root: str) -> None:
    """While no unison is at work in the tree."""
    for folder, folders, files in os.walk(os.fsencode(root)):
        for name in filter(NAME.fullmatch, files):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, name))
        for name in list(filter(NAME.fullmatch, folders)):
            folders.remove(name)
            # A link is not followed, and stays.
            shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
