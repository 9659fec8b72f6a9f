from datetime import UTC, datetime

import pytest
from listed_pulls import answer

from codekiln.collect_pulls.listing import is_of, parsed


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


def test_half_a_surrogate_pair_reaches_no_other_field_either() -> None:
    half = "cut \ud83d"
    told = answer(1, labels=[{"name": half}], milestone={"title": half})
    told["base"] = {"ref": half, "sha": "b" * 40, "repo": {"default_branch": half}}
    told["head"] = {"ref": half, "sha": "c" * 40, "repo": None}
    found = parsed(told)
    held = (*found.labels, found.milestone, found.base_ref, found.head_ref, found.default_branch)
    assert held == ("cut ?",) * 5


@pytest.mark.parametrize(
    ("told", "is_same"),
    [
        ({"node_id": "R_kgDOAWBuKA"}, True),
        ({"node_id": "MDEwOlJlcG9zaXRvcnkyMzA5MTc1Mg==", "id": 23096872}, True),
        ({"node_id": "R_kgDOAWBuKQ", "id": 23096873}, False),
        ({"node_id": "R_kgDOAWBuKQ"}, False),
        ({}, True),
    ],
)
def test_a_row_is_of_the_repository_whose_node_id_or_number_it_tells(
    told: dict[str, object], *, is_same: bool
) -> None:
    row = answer(1, base={"repo": told})
    assert is_of(row, "R_kgDOAWBuKA") is is_same


def test_a_row_may_tell_a_node_id_of_the_old_kind() -> None:
    row = answer(1, base={"repo": {"node_id": "MDEwOlJlcG9zaXRvcnkx"}})
    assert is_of(row, "R_kgAB")
    assert not is_of(row, "R_kgAC")


def test_times_are_moments_in_utc_and_a_missing_body_is_empty() -> None:
    listed = parsed(answer(1))
    assert listed.merged_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert listed.body == ""
