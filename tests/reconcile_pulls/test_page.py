import shlex
from datetime import UTC, datetime
from typing import Any

import command_line
import pytest
from ledgers_made import Collected

from codekiln.core.corpus.ledger import Sums
from codekiln.core.datasets.dataset import Version
from codekiln.reconcile_pulls import page
from codekiln.reconcile_pulls.accounts import COMPLETE, Account
from codekiln.reconcile_pulls.document import Ledger
from codekiln.reconcile_pulls.run import Run
from codekiln.reconcile_pulls.verdict import Verdict
from codekiln_pipelines import programs

VERSION = Version(number=12, parent=11, created="", run="", note="", entries={})


def account(name: str = "a/b", **sums: Any) -> Account:
    return Account(key=name, name=name, status=COMPLETE, sums=Sums(**sums))


def ledger(*accounts: Account, **told: Any) -> Ledger:
    known = {
        "data": "/my data", "version": VERSION, "name": "now", "earlier": "before", "run": Run(),
        "verdict": Verdict(problems=[]), "written": datetime(2026, 11, 21, tzinfo=UTC),
    }  # fmt: skip
    return Ledger(accounts=accounts, **{**known, **told})


def test_every_command_of_the_page_does_what_it_says(data: Collected) -> None:
    for number, name in ((1, "before"), (2, "now")):
        data.dataset.name(data.add("a/b", Sums(total=number, collected=number)), name)
    told = ledger(data=data.uri, version=data.dataset.version("now"))
    lines = [shlex.split(line) for _, line in page.commands(told)]
    assert [words[2] for words in lines] == ["show", "diff", "export", "restore"]
    for words in lines:
        assert command_line.run(programs.add, words[1:]) == 0, words
    assert data.dataset.newest().number == 2


def test_without_a_version_there_is_nothing_to_do_with_it() -> None:
    assert list(page.commands(ledger(version=None))) == []


def test_parts_add_up_to_what_github_counts() -> None:
    total = Sums(total=100, collected=40, filtered={"bot": 20}, failed={"gone": 3}, beyond=30)
    cut = page.parts(total, missing=7)
    assert sum(part.count for part in cut) == 100
    assert [part.name for part in cut] == [
        "collected", "filtered by a rule", "beyond the cap", "failed", "unaccounted for",
    ]  # fmt: skip


def test_what_misses_most_stands_first_then_what_is_largest() -> None:
    html = page.render(
        ledger(
            account("a/small", total=1, collected=1),
            account("a/large", total=9, collected=9),
            account("a/short", total=5, collected=2),
        )
    )
    places = [html.index(f">{name}<") for name in ("a/short", "a/large", "a/small")]
    assert places == sorted(places)


@pytest.mark.parametrize("count", [0, 1, page.FIRST, page.FIRST + 1])
def test_a_page_of_any_length_is_whole(count: int) -> None:
    html = page.render(ledger(*(account(f"a/r{n}", total=1, collected=1) for n in range(count))))
    assert html.rstrip().endswith("</html>")
    assert html.count('class="repository"') == count
    assert ("1 more" in html) == (count > page.FIRST)
