"""How much memory this process may use: a container's share, not the machine's."""

import os
from pathlib import Path

from codekiln.core.cores import CGROUP

FILES = ("memory.max", "memory/memory.limit_in_bytes")
"""Where versions 2 and 1 of cgroups tell a container its limit; `max`, or far more than any machine
has, is none (Linux, Documentation/admin-guide/cgroup-v2.rst)."""


def usable(cgroup: Path = CGROUP) -> int:
    """Return the bytes that the machine has, or those that its container may use if fewer."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *(told for name in FILES if (told := _limit(cgroup / name)) > 0)])


def _limit(path: Path) -> int:
    """Return the limit that a file tells; 0 where there is none."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
