from ledgers_made import Collected

from codekiln.core.corpus import ledger
from codekiln.core.corpus.ledger import Sums
from codekiln.reconcile_pulls import accounts, proof

SUMS = Sums(total=9, collected=2, filtered={"bot": 1, "not merged": 2}, failed={"gone": 1})


def faults(data: Collected, known: frozenset[str] = frozenset()) -> dict[str, str]:
    version = data.dataset.head()
    return proof.faults(
        data.dataset, version, accounts.accounts(data.dataset, version, None), known
    )


def test_sums_that_their_rows_bear_out_have_no_fault(data: Collected) -> None:
    data.add("acme/router", SUMS)
    data.add("acme/empty", Sums())
    assert faults(data) == {}


def test_an_empty_data_set_has_no_fault(data: Collected) -> None:
    assert faults(data) == {}


def test_a_row_too_few_is_found_without_reading_any(data: Collected) -> None:
    told = Sums(total=9, collected=2, filtered={"bot": 1, "not merged": 3}, failed={"gone": 1})
    data.add("acme/router", SUMS, **{ledger.STATE: told.to_json()})
    assert faults(data) == {"acme/router": "its ledger has 6 rows, and 7 are summed up"}


def test_a_pull_request_too_few_is_found_without_reading_any(data: Collected) -> None:
    told = Sums(total=9, collected=3, filtered={"bot": 1, "not merged": 2})
    data.add("acme/router", SUMS, **{ledger.STATE: told.to_json()})
    assert faults(data) == {"acme/router": "it holds 2 pull requests, and 3 are summed up"}


def test_rows_of_other_reasons_are_found_by_reading(data: Collected) -> None:
    told = Sums(total=9, collected=2, filtered={"bot": 3}, failed={"gone": 1})
    version = data.add("acme/router", SUMS, **{ledger.STATE: told.to_json()})
    assert faults(data) == {"acme/router": "1 rows are filtered (bot), and 3 are summed up"}
    # What was proven before is not read again.
    assert faults(data, frozenset(version.entries.values())) == {}
