from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from listed_pulls import START, listed
from pulls_made import changed

from codekiln.collect_pulls import filters
from codekiln.collect_pulls.filters import Rules, is_bot, of_changes, of_listing


@pytest.mark.parametrize(
    ("told", "rules", "reason"),
    [
        ({}, Rules(), None),
        ({"merged_at": None}, Rules(), filters.NOT_MERGED),
        ({"merged_at": None}, Rules(merged_only=False), None),
        ({"author": "dependabot[bot]", "author_type": "Bot"}, Rules(), filters.BOT),
        ({"author": "dependabot[bot]", "author_type": "Bot"}, Rules(bots=True), None),
        ({"base_ref": "v1"}, Rules(), None),
        ({"base_ref": "v1"}, Rules(default_branch_only=True), filters.OTHER_BRANCH),
        ({}, Rules(max_age_days=10), filters.TOO_OLD),
        ({"created_at": START + timedelta(days=25)}, Rules(max_age_days=10), None),
    ],
)
def test_a_rule_of_the_list_names_its_reason(
    told: dict[str, Any], rules: Rules, reason: str | None
) -> None:
    assert of_listing(listed(1, **told), rules, START + timedelta(days=30)) == reason


@pytest.mark.parametrize(
    ("login", "kind", "told"),
    [
        ("renovate[bot]", "Bot", True),
        ("k8s-ci-robot", "User", True),
        ("Some-Bot", "User", True),
        ("talbot", "User", False),
        ("robotnik", "User", False),
        ("", "Ghost", False),
    ],
)
def test_a_bot_is_known_by_its_type_or_by_a_name_that_only_bots_bear(
    login: str, kind: str, *, told: bool
) -> None:
    assert is_bot(login, kind) is told


@pytest.mark.parametrize(
    ("additions", "reason"),
    [
        ([10], None),
        ([9], filters.TOO_FEW_ADDITIONS),
        ([1000, 1001], filters.TOO_MANY_ADDITIONS),
        ([1] * 20, None),
        ([1] * 21, filters.TOO_MANY_FILES),
        ([], filters.TOO_FEW_FILES),
    ],
)
def test_kept_files_and_their_additions_lie_between_bounds(
    additions: list[int], reason: str | None
) -> None:
    files = [changed(f"{n}.go", additions=count) for n, count in enumerate(additions)]
    other = changed("README.md", additions=5000)
    assert of_changes([*files, other], Rules(), lambda path: path.endswith(".go")) == reason


def test_the_digest_changes_with_every_rule() -> None:
    plain = Rules()
    for field in fields(Rules):
        value = getattr(plain, field.name)
        other = replace(plain, **{field.name: not value if isinstance(value, bool) else value + 1})
        assert other.digest() != plain.digest(), field.name
