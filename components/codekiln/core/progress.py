"""How far a phase has come: a bar in a terminal, lines in a pod, records for the local runner.

The local runner sets CODEKILN_RUNNER=local: each line on standard error that begins with MARK
is then one JSON record, from which it draws the bar of the step.
"""

import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

MARK = "\x02progress "
RECORD_EVERY_S = 0.2
LINE_EVERY_S = 10.0

Report = Callable[[int, str], None]
"""Called with how much is done so far, and a note (a loss, say)."""


@contextlib.contextmanager
def track(label: str, total: int, unit: str) -> Iterator[Report]:
    """Show the progress of `label` towards `total` units, the way that suits where this runs."""
    if os.environ.get("CODEKILN_RUNNER") == "local":
        yield _paced(
            lambda done, note: _record(label, done, total, unit, note), RECORD_EVERY_S, total
        )
    elif sys.stderr.isatty():
        from codekiln.core.bars import bars  # rich takes long to load, and a pod draws nothing

        with bars() as progress:
            task = progress.add_task(label, total=total, unit=unit, note="")
            yield lambda done, note: progress.update(task, completed=done, note=note)
    else:
        yield _paced(_lines(label, total, unit), LINE_EVERY_S, total)


def _paced(show: Report, every_s: float, total: int) -> Report:
    """Let `show` be called at most once in `every_s`, and at the end."""
    last = time.monotonic() - every_s

    def paced(done: int, note: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every_s or done >= total:
            last = now
            show(done, note)

    return paced


def _record(label: str, done: int, total: int, unit: str, note: str) -> None:
    told = {"label": label, "done": done, "total": total, "unit": unit, "note": note}
    sys.stderr.write(MARK + json.dumps(told) + "\n")
    sys.stderr.flush()


def _lines(label: str, total: int, unit: str) -> Report:
    """Return a report that logs how much, how fast and how much longer."""
    start = time.monotonic()

    def line(done: int, note: str = "") -> None:
        rate = done / max(time.monotonic() - start, 1e-9)
        # Nothing is done yet: then nobody knows how long the rest takes.
        pace = f", {rate:.1f}/s, {(total - done) / rate:.0f} s left" if rate else ""
        share = 100 * done // max(total, 1)
        logger.info("%s: %d of %d %s (%d %%)%s %s", label, done, total, unit, share, pace, note)

    return line
