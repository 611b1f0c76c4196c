"""What unison keeps of a conflict: the content that lost, beside the one that won, as "NAME (conflict_on_DATE).EXT".

unison 2.52 has a trap here. Where one side deleted a file and the other one changed it, and the change wins, the changed
file comes to the side that deleted it under such a name ("..._was_deleted"), and a moment later the deletion goes to the
other side after all. So what has "was_deleted" in its name is given the name that it should have, before unison looks again:
unison knows what is in it, and has nothing to do.
"""

import contextlib
import os
import re
from collections.abc import Iterator

# As a part of a regular expression of Python, and of unison's. The extension is what follows the last dot.
LOST = r" \(conflict( #[0-9]+)?_on_[0-9]+-[0-9]+-[0-9]+(_was_deleted)?\)"
NAME = re.compile(rf"(?s)(.*){LOST}(\.[^./]*)?".encode())


def is_copy(name: bytes) -> bool:
    return NAME.fullmatch(name) is not None


def restored(name: bytes) -> bytes | None:
    """The name of what unison took for deleted."""
    found = NAME.fullmatch(name)
    return found[1] + (found[4] or b"") if found and found[3] else None


def restore(folder: bytes, name: bytes) -> bytes | None:
    """Its name, once it has it. Whatever has been put there meanwhile stays, and the other is a copy like all."""
    new = restored(name)
    if not new:
        return None
    with contextlib.suppress(OSError):
        if not os.path.lexists(os.path.join(folder, new)):
            os.rename(os.path.join(folder, name), os.path.join(folder, new))
            return new
    return None


def restore_all(root: str) -> None:
    """What was cut off between."""
    for folder, name in list(copies(root)):
        restore(folder, name)


def copies(root: str) -> Iterator[tuple[bytes, bytes]]:
    """Folder and name of each in a tree; of a folder that is one itself, not what is in it."""
    for folder, folders, files in os.walk(os.fsencode(root)):
        found = [name for name in [*folders, *files] if is_copy(name)]
        folders[:] = [name for name in folders if name not in found]
        for name in sorted(found):
            yield folder, name
