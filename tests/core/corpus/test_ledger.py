import json

from codekiln.core.corpus import ledger
from codekiln.core.corpus.ledger import Sums

ONE = Sums(total=10, collected=3, filtered={"bot": 2}, failed={"head is gone": 1}, beyond=4)
TWO = Sums(total=5, collected=1, filtered={"bot": 1, "too old": 1}, beyond=0)


def test_what_github_counts_is_listed_beyond_or_unaccounted() -> None:
    assert (ONE.listed, ONE.unaccounted) == (6, 0)
    assert (TWO.listed, TWO.unaccounted) == (3, 2)


def test_sums_come_back_from_the_state_of_an_entry() -> None:
    state = json.loads(json.dumps({ledger.STATE: ONE.to_json()}))
    assert ledger.of_state(state) == ONE
    assert ledger.of_state({}) == Sums()


def test_sums_of_repositories_add_up_reason_by_reason() -> None:
    both = ledger.added([ONE, TWO])
    assert both.filtered == {"bot": 3, "too old": 1}
    assert both.unaccounted == ONE.unaccounted + TWO.unaccounted
    assert (both.total, both.beyond, both.collected) == (15, 4, 4)
