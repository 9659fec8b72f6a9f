from datetime import UTC, datetime

import pytest
from listed_pulls import answer

from codekiln.collect_pulls.listing import parsed


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, "merged"),
        ({"merged_at": None}, "closed"),
        ({"merged_at": None, "closed_at": None, "state": "open"}, "open"),
    ],
)
def test_a_pull_request_is_open_closed_or_merged(told: dict[str, object], state: str) -> None:
    assert parsed(answer(1, **told)).state == state


def test_an_author_whose_account_is_gone_is_a_ghost() -> None:
    listed = parsed(answer(1, user=None))
    assert (listed.author, listed.author_type) == ("", "Ghost")


def test_half_a_surrogate_pair_in_a_title_does_not_reach_the_data() -> None:
    assert parsed(answer(1, title="cut \ud83d")).title == "cut ?"


def test_times_are_moments_in_utc_and_a_missing_body_is_empty() -> None:
    listed = parsed(answer(1))
    assert listed.merged_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert listed.body == ""
