from typing import Any

import pytest

from codekiln.describe_corpus import funnel
from codekiln.describe_corpus.funnel import Part

EXAMPLES = {
    "pull_requests": 10, "pull_requests_with_examples": 6, "pull_requests_without_not_go": 4,
    "files": 9, "files_with_examples": 7, "files_without_test": 1, "files_without_too_long": 1,
    "candidates": 20, "dropped_moved_only": 3, "examples": 17, "intent_FIX": 17,
}  # fmt: skip
CLEANED = {"examples": 17, "kept": 12, "dropped_robot": 1, "dropped_near_duplicate": 4}
PACKED = {"examples": 12, "packed": 11, "refused_no_plan": 1, "context_cut": 5}


def of(**changed: dict[str, int] | None) -> funnel.Funnel:
    told: dict[str, Any] = {
        "collected": {"pull_requests": 10}, "examples": EXAMPLES, "cleaned": CLEANED,
        "packed": PACKED,
    }  # fmt: skip
    return funnel.of(**{**told, **changed})


def test_what_came_is_what_stayed_and_what_was_dropped_for_a_reason() -> None:
    found = of()
    assert found.faults == []
    for stage in found.stages:
        assert stage.total == stage.kept + sum(part.count for part in stage.dropped)
    assert [stage.kept for stage in found.stages] == [6, 7, 17, 12, 11]
    assert all(one.left == one.came for one in found.joints)
    assert len(found.joints) == 3


def test_reasons_come_by_size_and_in_words() -> None:
    [cleaning] = [stage for stage in of().stages if stage.name == "Cleaning"]
    expected = [Part(name="near duplicate", count=4), Part(name="robot", count=1)]
    assert cleaning.dropped == expected


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"cleaned": {**CLEANED, "kept": 11}}, "1 are unexplained"),
        ({"packed": {**PACKED, "packed": 13}}, "2 are counted twice"),
        ({"cleaned": {**CLEANED, "examples": 19}}, "17 left one step, 19 came to the next"),
        ({"collected": {"pull_requests": 11}}, "11 left one step, 10 came to the next"),
    ],
)
def test_what_does_not_add_up_is_said(changed: dict[str, Any], told: str) -> None:
    assert any(told in fault for fault in of(**changed).faults)


def test_steps_that_counted_nothing_are_left_out() -> None:
    found = of(collected={}, examples={"examples": 17}, packed=None)
    assert [stage.name for stage in found.stages] == ["Cleaning"]
    assert [one.what for one in found.joints] == ["examples made"]
