from collections import Counter

from codekiln.build_examples.incremental import news, up_to_date
from codekiln.core.corpus.example_entries import Given, Made, Wanted
from codekiln.core.datasets.dataset import Shard


def shard(name: str) -> Shard:
    return Shard(sha256=name, rows=5, size=1, first=ord(name[0]), last=ord(name[0]))


def wanted(*names: str, key: str = "R_1", called: str = "acme/a") -> Wanted:
    return Wanted(key=key, name=called, license="MIT", shards=tuple(map(shard, names)))


def given(name: str) -> Given:
    return Given(shard(f"{name}-examples"), {"examples": 2})


def made(*names: str, key: str = "R_1", made_with: str = "now") -> Made:
    return Made(
        key=key, name="acme/a", license="MIT", made_with=made_with,
        given={name: given(name) for name in names},
    )  # fmt: skip


def test_only_shards_that_nothing_was_made_of_are_to_be_done() -> None:
    found = news([(wanted("a", "b", "c"), made("a", "c"))], "now")
    assert found.todo == [("R_1", shard("b"))]
    assert (found.rows, found.shards, found.repositories) == (5, 3, 1)


def test_a_repository_that_is_whole_is_counted_and_nothing_else() -> None:
    found = news([(wanted("a", "b"), made("a", "b"))], "now")
    assert (found.changed, found.todo) == ({}, [])
    assert found.counts == Counter(examples=4)


def test_other_settings_make_all_anew() -> None:
    found = news([(wanted("a", "b"), made("a", "b", made_with="before"))], "now")
    assert [one.sha256 for _, one in found.todo] == ["a", "b"]


def test_a_shard_that_is_gone_or_another_name_changes_the_entry_and_needs_no_work() -> None:
    pairs = [
        (wanted("a"), made("a", "b")),
        (wanted("a", key="R_2", called="acme/b"), made("a", key="R_2")),
        (wanted(key="R_3"), None),
    ]
    found = news(pairs, "now")
    assert (list(found.changed), found.todo) == (["R_1", "R_2", "R_3"], [])


def test_what_is_made_stands_in_the_order_of_the_pull_requests() -> None:
    now = up_to_date(wanted("b", "a", "c"), made("a", "gone"), "now", {"b": given("b")})
    assert list(now.given) == ["b", "a"]
    assert [one.sha256 for one in now.to_entry().tables["examples"]] == ["b-examples", "a-examples"]
    assert now.counts == Counter(examples=4)
