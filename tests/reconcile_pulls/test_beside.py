from ledgers_made import Collected

from codekiln.core.corpus.ledger import Sums
from codekiln.core.storage.objects import MissingError
from codekiln.reconcile_pulls import accounts, beside

SUMS = Sums(total=3, collected=1, beyond=2)


def test_what_is_proven_is_remembered_and_forgotten_when_it_changes(data: Collected) -> None:
    store = data.dataset.store
    assert beside.proven(store) == frozenset()
    data.add("acme/router", SUMS)
    found = accounts.accounts(data.dataset, data.dataset.head(), None)
    beside.remember(store, found)
    assert beside.proven(store) == {found[0].digest}
    beside.remember(store, [])
    assert beside.proven(store) == frozenset()
    store.write(beside.PROVEN, b"no JSON")
    assert beside.proven(store) == frozenset()


def test_nothing_is_written_where_nothing_changed(data: Collected) -> None:
    beside.remember(data.dataset.store, [])
    try:
        data.dataset.store.size(beside.PROVEN)
    except MissingError:
        return
    raise AssertionError(beside.PROVEN)


def test_the_newest_ledger_is_replaced_and_a_named_one_never(data: Collected) -> None:
    store = data.dataset.store
    beside.keep(store, "first", "<p>1</p>", "{}")
    beside.keep(store, "first", "<p>2</p>", "{}")
    beside.keep(store, "", "<p>3</p>", "[]")
    assert store.read("ledgers/newest.html") == b"<p>3</p>"
    assert store.read("ledgers/first.html") == b"<p>1</p>"
    assert store.read("ledgers/newest.json") == b"[]"
    assert list(store.names("ledgers/")) == [
        f"ledgers/{name}" for name in ("first.html", "first.json", "newest.html", "newest.json")
    ]
