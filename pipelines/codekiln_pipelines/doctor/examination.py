"""All checks of all subjects: subjects side by side, lines in a fixed order, nothing that hangs."""

import dataclasses
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from codekiln.core.errors import CodekilnError
from codekiln_pipelines.doctor.finding import (
    Check,
    Finding,
    Line,
    State,
    Subject,
    fail,
    of_error,
    ok,
    warn,
)

CLOSED = ok("closed")
"""No line of its own."""

Clock = Callable[[], float]


@dataclasses.dataclass(frozen=True)
class Began:
    """A check is at work since a time of the clock."""

    check: Check
    since: float


class Work:
    """One subject at work in a thread of its own."""

    def __init__(self, subject: Subject, clock: Clock = time.monotonic) -> None:
        """Begin at once."""
        self.subject, self._clock = subject, clock
        self.is_cut_off = False
        self._told: queue.Queue[Began | Line | None] = queue.Queue()
        # A thread that hangs must not keep the program from ending.
        threading.Thread(target=self._work, name=f"doctor {subject.name}", daemon=True).start()

    def _work(self) -> None:
        try:
            for check in self.subject.checks:
                state = self._do(check)
                if check.gates and state in (State.FAIL, State.SKIP):
                    break
            self._do(Check(name=f"{self.subject.name}.close", look=self._closed))
        finally:
            self._told.put(None)

    def _do(self, check: Check) -> State:
        self._told.put(Began(check, self._clock()))
        finding = examined(check)
        if finding is not CLOSED:
            self._told.put(Line(check.name, finding))
        return finding.state

    def _closed(self) -> Finding:
        self.subject.close()
        return CLOSED

    def lines(self) -> Iterator[Line]:
        """Yield the lines as they come; the last says so if a check was cut off."""
        began: Began | None = None
        while True:
            try:
                told = self._told.get(timeout=self._patience(began))
            except queue.Empty:
                self.is_cut_off = True
                if began:
                    yield Line(began.check.name, self._cut_off(began.check))
                return
            if told is None:
                return
            if isinstance(told, Began):
                began = told
            else:
                yield Line(told.check, self._weighed(told.finding))

    def _patience(self, began: Began | None) -> float | None:
        if began is None:
            return None
        return max(0.0, began.since + began.check.limit_s - self._clock())

    def _cut_off(self, check: Check) -> Finding:
        found = (
            f"no answer in {check.limit_s:.0f} s: cut off, and the rest of {self.subject.name} too"
        )
        return self._weighed(
            fail(found, f"see what hangs there, and try again; else {check.remedy}")
        )

    def _weighed(self, finding: Finding) -> Finding:
        """Return `finding`; what fails though nobody asked for it is a warning."""
        if finding.state is State.FAIL and not self.subject.asked:
            return warn(finding.found, finding.remedy)
        return finding


def examined(check: Check) -> Finding:
    """Do `check`; whatever breaks in it is a line like any other."""
    try:
        return check.look()
    except CodekilnError as error:
        return of_error(error, check.remedy)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        return fail(f"{error.strerror or type(error).__name__}{where}", check.remedy)
    except BaseException as error:  # noqa: BLE001 -- a defect of one check must not hide the others
        # Not Exception: a panic of a library in Rust is none, and would end the thread unsaid.
        # Where, but not what: the words of a foreign error may hold a secret.
        last = traceback.extract_tb(error.__traceback__)[-1]
        return fail(
            f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: "
            "a defect of codekiln",
            "report it with this line; the other checks are not touched by it",
        )


class Examination:
    """The subjects at work; all begin when it is made."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        """Begin with all of `subjects`."""
        self._works = [Work(subject) for subject in subjects]

    def lines(self) -> Iterator[Line]:
        """Yield every line in the order of the subjects, each as soon as it is known."""
        for work in self._works:
            yield from work.lines()

    @property
    def is_cut_off(self) -> bool:
        """Say whether a check still hangs in a thread."""
        return any(work.is_cut_off for work in self._works)
