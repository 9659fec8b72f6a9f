"""Processes as Linux tells of them.

A signal is not yet a death: ask whether one is gone `soon`.
"""

import time
from collections.abc import Callable
from pathlib import Path


def soon(holds: Callable[[], bool]) -> bool:
    """Tell whether something comes true within ten seconds."""
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended; a dead one that nobody has asked about yet has, too."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    # "pid (name) state ...", and a name may hold anything.
    return told.rpartition(")")[2].split()[0] == "Z"
