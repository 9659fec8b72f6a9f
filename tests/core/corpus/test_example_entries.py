from pathlib import Path

import pytest

from codekiln.core.corpus.example_entries import Given, Made, made_of, repositories, wanted_of
from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset, Entry, Shard, Version
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.datasets.reference import Referred
from codekiln.core.errors import InputError
from codekiln.core.storage.local import LocalFolder

FIRST, SECOND = (Shard(sha256=name, rows=3, size=9, first=1, last=4) for name in "zy")


def test_an_entry_is_read_as_it_was_written_in_the_order_of_its_shards() -> None:
    given = {
        "b": Given(FIRST, {"examples": 3, "files": 5}),
        "a": Given(SECOND, {"examples": 3}),
        "c": Given(None, {"files": 1}),
    }
    made = Made(key="R_1", name="acme/store", license="MIT", made_with="m", given=given)
    entry = made.to_entry()
    assert entry.state["counts"] == {"examples": 6, "files": 6}
    assert entry.tables == {"examples": (FIRST, SECOND)}
    assert made_of(entry) == made
    assert list(made_of(entry).given) == ["b", "a", "c"]


def test_an_entry_without_examples_has_no_table() -> None:
    made = Made(key="R_1", name="a/b", license="", made_with="m", given={})
    assert made.to_entry().tables == {}
    assert made_of(made.to_entry()) == made


def test_an_entry_of_pull_requests_says_what_is_wanted() -> None:
    state = {"name": "acme/store", "license": None}
    wanted = wanted_of(Entry("R_1", {"pulls": (FIRST,), "ledger": (SECOND,)}, state))
    assert (wanted.name, wanted.license, wanted.shards) == ("acme/store", "", (FIRST,))


def test_an_entry_of_something_else_is_refused() -> None:
    with pytest.raises(InputError, match=r"entry of acme/store tells of no examples \(no 'from'\)"):
        made_of(Entry("R_1", {"pulls": (FIRST,)}, {"name": "acme/store"}))


def version(*keys: str, **state: object) -> Version:
    entries = dict.fromkeys(keys, "0" * 64)
    return Version(number=1, parent=None, created="", run="", note="", entries=entries, state=state)


def test_answers_of_searches_and_what_was_forgotten_are_no_repositories(tmp_path: Path) -> None:
    pulls = version("R_b", "R_a", "discovery/0123456789abcdef", "R_c")
    collected = Referred(Dataset(LocalFolder(tmp_path)), pulls)
    assert repositories(collected) == ["R_a", "R_b", "R_c"]
    made = version("R_a", **{"forgotten/R_b": {"name": "a/b", "when": ""}})
    assert repositories(collected, made) == ["R_a", "R_c"]
    # In the pull requests, since that version was pinned.
    one = Forgotten(key="R_c", name="a/c", when="")
    collected.dataset.commit({}, run="test", state=forgotten.kept_out(one))
    assert repositories(collected, made) == ["R_a"]
    assert repositories(collected) == ["R_a", "R_b"]
