"""Runs in processes of their own, and what kills them."""

import os
import signal
import traceback
from collections.abc import Callable

from collecting import Bed


def in_child(work: Callable[[], object]) -> int:
    """Do `work` in a process of its own; return how that ended, as `os.waitpid` tells it."""
    return os.waitpid(begun(work), 0)[1]


def begun(work: Callable[[], object]) -> int:
    """Begin `work` in a process of its own; return its id."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 -- a child must never come back into pytest
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def killed_at(bed: Bed, request: int) -> Callable[[], object]:
    """Return a run that kills its own process when GitHub is asked for the `request`-th time."""
    asked = 0

    def count(_asked: object) -> None:
        nonlocal asked
        asked += 1
        if asked == request:
            os.kill(os.getpid(), signal.SIGKILL)

    def run() -> object:
        bed.hub.before = count
        return bed.run()

    return run
