"""Removing chosen versions for good, with their names and what only they need.

It is a prune: the same record, the same order, so nobody who writes beside it loses anything. What
no version needs usually waits, for a run may be about to commit it. What belongs to a key that is
kept out no run can commit any more, so it goes at once.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from codekiln.core.datasets.contents import Contents, name_name
from codekiln.core.datasets.pruning import GRACE, Prune, Pruned


class Erasure(Prune):
    """One removal of versions; the newest stays, whatever is asked for."""

    def __init__(
        self,
        contents: Contents,
        numbers: Collection[int],
        unwanted: Callable[[str], bool],
        now: datetime,
    ) -> None:
        """Remove the versions `numbers`, and those objects of no version that are `unwanted`."""
        super().__init__(contents, 1, GRACE, now)
        self._numbers, self._unwanted = frozenset(numbers), unwanted

    def done(self) -> Pruned:
        """Do it, and say what was done; raises ServiceError if another prune goes on."""
        for name, number in self._contents.names().items():
            if number in self._numbers:
                self._store.delete(name_name(name))
        return super().done()

    def _note(self) -> str:
        return "removes versions that hold what was forgotten"

    def _going(self, numbers: Sequence[int]) -> list[int]:
        return [number for number in numbers[:-1] if number in self._numbers]

    def _is_due(self, name: str, since: str) -> bool:
        return super()._is_due(name, since) or self._unwanted(name)
