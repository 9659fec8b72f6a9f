"""Jobs that other processes can import, for tests of workers."""

import os
import signal
import time

from codekiln.core.workers import count


def squared(number: int) -> int:
    """Return a square, that of 0 last of all."""
    time.sleep(0.05 if number == 0 else 0)
    count(1)
    return number * number


def refused(number: int) -> int:
    """Raise ValueError for 3."""
    if number == 3:
        raise ValueError("no threes")
    return number


def killed(number: int) -> int:
    """End as one does whom the system takes for too large."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number
