from ledgers_made import Collected, repository

from codekiln.core.corpus.ledger import Sums
from codekiln.core.datasets.dataset import Entry
from codekiln.reconcile_pulls import accounts
from codekiln.reconcile_pulls.accounts import Account


def found(data: Collected, *names: str) -> dict[str, Account]:
    listed = [repository(name) for name in names] if names else None
    told = accounts.accounts(data.dataset, data.dataset.head(), listed)
    return {one.name: one for one in told}


def test_each_repository_of_the_list_and_of_the_data_has_one_account(data: Collected) -> None:
    data.add("a/whole", Sums(total=3, collected=1, filtered={"bot": 2}))
    data.add("a/half", Sums(total=3, collected=1), complete=False)
    data.add("a/gone", Sums(total=1, collected=1), gone="vanished")
    data.add("a/old", Sums(total=1, collected=1))
    told = found(data, "a/whole", "a/half", "a/gone", "a/never")
    assert {name: one.status for name, one in told.items()} == {
        "a/never": "not reached", "a/half": "not finished", "a/gone": "gone",
        "a/old": "no longer listed", "a/whole": "complete",
    }  # fmt: skip
    assert list(told) == ["a/never", "a/half", "a/gone", "a/old", "a/whole"]
    assert accounts.by_status(list(told.values())) == dict.fromkeys(accounts.STATUSES, 1)


def test_a_renamed_repository_is_on_the_list_by_its_id(data: Collected) -> None:
    data.add("a/new", Sums(total=1, collected=1))
    listed = [repository("a/new")]
    told = accounts.accounts(data.dataset, data.dataset.head(), listed)
    assert [one.status for one in told] == ["complete"]


def test_without_a_list_all_that_is_there_counts_as_listed(data: Collected) -> None:
    data.add("a/whole", Sums(total=1, collected=1))
    assert found(data)["a/whole"].status == "complete"


def test_an_empty_data_set_and_no_list_are_no_account(data: Collected) -> None:
    assert found(data) == {}


def test_what_a_search_keeps_in_the_data_set_is_no_repository(data: Collected) -> None:
    data.dataset.commit({"discovery/1": lambda _: Entry("discovery/1")}, run="r")
    assert found(data) == {}


def test_what_is_missing_in_one_is_not_made_up_for_by_another(data: Collected) -> None:
    data.add("a/short", Sums(total=5, collected=1))
    data.add("a/long", Sums(total=1, collected=4))
    told = found(data)
    assert {name: one.unaccounted for name, one in told.items()} == {"a/short": 4, "a/long": 0}


def test_what_is_gone_leaves_nothing_to_account_for(data: Collected) -> None:
    data.add("a/gone", Sums(total=5, collected=1), gone="vanished")
    assert found(data)["a/gone"].unaccounted == 0
