"""One step of the collection of one repository: what it adds, and what it does to the state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codekiln.collect_pulls import ledger
from codekiln.collect_pulls.ledger import Known
from codekiln.collect_pulls.state import State, settled
from codekiln.core.corpus.pulls import LedgerRow, PullRequest

Before = Mapping[int, Known]
"""What the ledger held, by number, of the pull requests that a step writes."""

Advance = Callable[[State, Before], State]


@dataclass(frozen=True, kw_only=True)
class Step:
    """The smallest thing that is committed: a page of a repository, whole.

    `key` is the repository's node id. Each of `rows` has its pull request among `pulls` if it is
    collected. `advance` depends on its arguments alone: it may be applied more than once.
    """

    key: str
    advance: Advance
    rows: Sequence[LedgerRow] = ()
    pulls: Sequence[PullRequest] = field(default=(), repr=False)

    @property
    def size(self) -> int:
        """Bytes of text in it, roughly."""
        return sum(map(text_bytes, self.pulls))


def text_bytes(pull: PullRequest) -> int:
    """Return the size of the large texts of `pull`."""
    files = sum(len(f.patch) + len(f.before or "") + len(f.after or "") for f in pull.files)
    said = sum(len(one.body) for one in pull.comments) + sum(len(one.body) for one in pull.reviews)
    asked = sum(len(one.body) + len(one.diff_hunk) for one in pull.review_comments)
    return files + said + asked + len(pull.body)


def taken(state: State, before: Before, step: Step) -> tuple[State, list[LedgerRow]]:
    """Return `state` after `step`, and the rows of it that are to be written.

    A row that is older than the one which is there came second in a race: it is not written.
    """
    rows = [row for row in step.rows if not is_stale(row, before.get(row.number))]
    state = step.advance(state, before)
    sums = ledger.replaced(state.sums, before, rows)
    retry = ledger.to_retry(state.retry, rows)
    return settled(replace(state, sums=sums, retry=retry)), rows


def is_stale(row: LedgerRow, held: Known | None) -> bool:
    """Say whether the ledger already holds a later state of the pull request of `row`."""
    return held is not None and held.updated_at > row.updated_at
