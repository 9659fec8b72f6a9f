import re

import pytest

from codekiln.fake_github import stories
from codekiln.fake_github.dice import Dice
from codekiln.fake_github.gofiles import thing_file
from codekiln.fake_github.stories import Change, Thing

ALERTS = Thing("Alert", "Cache")


def test_no_two_changes_are_of_one_method() -> None:
    for name in ("key", "symbol", "title"):
        told = [getattr(change, name) for change in stories.catalogue()]
        assert len(told) == len(set(told))


@pytest.mark.parametrize("change", stories.catalogue(), ids=lambda change: change.key)
def test_a_change_changes_code_and_says_why(change: Change) -> None:
    assert change.before != change.after
    assert change.intent in stories.LABELS
    assert change.why
    assert change.how
    for code in (change.before, change.after, change.test):
        filled = ALERTS.fill(code)
        assert not re.search("THING|ITEM|ONE|PKG", filled)
        assert filled.count("{") == filled.count("}")
        assert not re.search("^ ", filled, re.MULTILINE), "Go is indented by tabs"


def test_every_intent_of_the_trade_occurs() -> None:
    intents = {change.intent for change in stories.catalogue()}
    assert intents == {"fix", "add", "refactor", "optimize", "update", "remove"}


def test_words_fit_their_article_and_number() -> None:
    assert ALERTS.fill("an ONE, a THING") == "an alert, an AlertCache"
    assert Thing("Policy", "Store").fill("an ONE of many ITEMS") == "a policy of many policies"
    assert Thing("Replica", "Index").fill("A THING in PKG") == "A ReplicaIndex in replica"


@pytest.mark.parametrize(
    ("style", "title"),
    [
        (0, "fix(alert): guard AlertCache.Get against concurrent writes"),
        (1, "alert: guard AlertCache.Get against concurrent writes"),
        (2, "Guard AlertCache.Get against concurrent writes"),
    ],
)
def test_each_repository_has_its_style_of_titles(style: int, title: str) -> None:
    told = stories.tell(ALERTS, stories.catalogue()[0], style, Dice("style"), 12)
    assert told.title == title
    assert "#12" in told.body


def test_a_file_imports_what_it_uses_and_no_more() -> None:
    text = thing_file(ALERTS).text()
    imported = set(re.findall(r'^\t"(.+)"$', text, re.MULTILINE))
    assert {"sync", "time", "encoding/json", "fmt"} <= imported
    for path in imported:
        assert f"{path.rsplit('/', 1)[-1]}." in text
