"""Objects called by numbers that count up: 00000012.json."""

import re

from codekiln.core.storage.objects import Objects

NUMBERED = re.compile(r"\A(\d+)\.json\Z")


def numbers_in(store: Objects, folder: str) -> list[int]:
    """Return the numbers of the objects directly in `folder` (`v/`), ascending."""
    found = (NUMBERED.match(name.removeprefix(folder)) for name in store.names(folder))
    return sorted(int(match[1]) for match in found if match)
