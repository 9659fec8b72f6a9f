import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from codekiln.core.corpus import licenses
from codekiln.core.corpus.repositories import Repository
from codekiln.discover_repos.filters import Rules, sort_out, verdict

RULES = Rules(
    licenses=licenses.accepted("permissive"), language="Go", min_stars=100, max_size_gib=1.0,
    active_since=datetime(2024, 11, 21, tzinfo=UTC),
)  # fmt: skip


def repository(**told: Any) -> Repository:
    return Repository(
        **{
            "node_id": "R_1", "name": "acme/router", "default_branch": "main", "license": "MIT",
            "stars": 100, "size_kib": 1 << 20, "pushed_at": datetime(2024, 11, 21, tzinfo=UTC),
            "archived": False, "fork": False, "language": "Go", "description": "", **told,
        }
    )  # fmt: skip


def test_what_lies_on_every_bound_is_kept() -> None:
    assert verdict(repository(), RULES) is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"fork": True}, "fork"),
        ({"archived": True}, "archived"),
        ({"language": "C"}, "other language"),
        ({"stars": 99}, "too few stars"),
        ({"license": ""}, "no license"),
        ({"license": "GPL-3.0"}, "other license"),
        ({"size_kib": (1 << 20) + 1}, "too large"),
        ({"pushed_at": datetime(2024, 11, 20, tzinfo=UTC)}, "no push for long"),
        ({"pushed_at": None}, "no push for long"),
    ],
)
def test_each_rule_has_its_reason(told: dict[str, Any], reason: str) -> None:
    assert verdict(repository(**told), RULES) == reason


def test_where_any_license_will_do_none_will_do_too() -> None:
    rules = dataclasses.replace(RULES, licenses=None, language="")
    assert verdict(repository(license="", language="C"), rules) is None


def test_those_with_most_stars_are_kept_and_every_other_one_is_counted() -> None:
    found = [repository(name=f"a/r{n}", node_id=f"{n}", stars=100 + n) for n in range(5)]
    found.append(repository(name="a/fork", node_id="f", fork=True, stars=9000))
    outcome = sort_out(found, RULES, most=2)
    assert [one.name for one in outcome.kept] == ["a/r4", "a/r3"]
    assert outcome.left_out == {"fork": 1, "beyond the cap": 3}
    assert len(outcome.kept) + outcome.left_out.total() == len(found)
