from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from listed_pulls import listed

from codekiln.collect_pulls import filters, ledger
from codekiln.core.corpus.ledger import Sums
from codekiln.core.corpus.pulls import COLLECTED, FAILED, FILTERED, LedgerRow

OUTCOMES = st.sampled_from(
    [(COLLECTED, ""), (FILTERED, filters.BOT), (FILTERED, filters.TOO_FEW_FILES), (FAILED, "gone")]
)


def row(number: int, outcome: str, reason: str = "") -> LedgerRow:
    return listed(number).outcome(outcome, reason)


@given(st.lists(st.dictionaries(st.integers(1, 8), OUTCOMES), max_size=6))
def test_sums_kept_step_by_step_are_those_of_the_rows_at_the_end(
    steps: list[dict[int, tuple[str, str]]],
) -> None:
    sums, held = Sums(total=8), dict[int, LedgerRow]()
    passed = new = 0
    for step in steps:
        rows = [row(number, *outcome) for number, outcome in step.items()]
        before = {number: ledger.of_row(one) for number, one in held.items()}
        sums = ledger.replaced(sums, before, rows)
        grown = ledger.growth(before, rows)
        new, passed = new + grown[0], passed + grown[1]
        held |= {one.number: one for one in rows}
    assert sums == ledger.replaced(Sums(total=8), {}, held.values())
    assert (sums.listed, sums.unaccounted, new) == (len(held), 8 - len(held), len(held))
    assert passed == sum(ledger.passes(one.outcome, one.reason) for one in held.values())


def test_what_may_pass_another_time_is_tried_again_until_it_does() -> None:
    passing = "too heavy"
    again = ledger.to_retry((), [row(1, FAILED, passing), row(2, FAILED, passing)])
    assert again == (2, 1)
    assert ledger.to_retry(again, [row(2, COLLECTED), row(3, FAILED, "head is gone")]) == (1,)


def test_a_pull_request_is_as_it_was_until_its_time_head_or_state_changes() -> None:
    known = ledger.of_row(row(1, COLLECTED))
    assert known.is_like(listed(1))
    assert not known.is_like(listed(1, updated_at=listed(1).updated_at + timedelta(1)))
    assert not known.is_like(listed(1, head_sha="0" * 40))
    assert not known.is_like(listed(1, state="closed"))
