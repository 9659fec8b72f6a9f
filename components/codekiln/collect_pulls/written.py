"""What a group of steps makes of one repository: its rows by number, the last word each."""

from collections.abc import Mapping

from codekiln.collect_pulls import ledger
from codekiln.collect_pulls.ledger import Known
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.step import Step, taken
from codekiln.core.corpus.pulls import COLLECTED, LedgerRow, PullRequest, Row, to_row


class Written:
    """The state and the rows of one repository, step after step."""

    def __init__(self, held: State, before: Mapping[int, Known]) -> None:
        """Begin with the state in the data set and what its ledger holds of the steps' numbers."""
        self.state = held
        self._before = dict(before)
        self._collected = {n for n, known in before.items() if known.outcome == COLLECTED}
        self._rows: dict[int, LedgerRow] = {}
        self._pulls: dict[int, PullRequest] = {}

    def take(self, step: Step) -> None:
        """Add `step` to what is to be written."""
        self.state, rows = taken(self.state, self._before, step)
        pulls = {pull.number: pull for pull in step.pulls}
        for row in rows:
            self._before[row.number] = ledger.of_row(row)
            self._rows[row.number] = row
            self._pulls.pop(row.number, None)
            if row.outcome == COLLECTED:
                self._pulls[row.number] = pulls[row.number]

    def ledger_rows(self) -> list[Row]:
        """Return the rows for the table `ledger`, sorted."""
        return [to_row(self._rows[number]) for number in sorted(self._rows)]

    def pull_rows(self) -> list[Row]:
        """Return the rows for the table `pulls`, sorted."""
        return [to_row(self._pulls[number]) for number in sorted(self._pulls)]

    def dropped(self) -> list[int]:
        """Return the numbers whose rows the table `pulls` must lose, sorted."""
        return sorted(n for n in self._collected if n in self._rows and n not in self._pulls)
