import time

import pytest

from codekiln.mine_commits import conventions

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Fixes #12, closes GH-7 and #12", ["#12", "#7"]),
        ("see https://github.com/a/b/issues/3 and c/d#4", ["a/b#3", "c/d#4"]),
        ("https://gitlab.com/a/b/-/merge_requests/9", ["a/b#9"]),
        ("PROJ-123: do it, in UTF-8 after RFC-2822", ["PROJ-123"]),
        ("#include, &#39; and color #fff, v1-2", []),
        ("CVE-2020-1234 and ISO-8859-1", []),
    ],
)
def test_issues_are_what_people_call_issues(message: str, found: list[str]) -> None:
    assert conventions.issues(message) == found


@pytest.mark.parametrize(
    ("message", "known", "found"),
    [
        ("as in 0123abc it was", {"0123abc": SHA}, [SHA]),
        ("a defaced 1234567 cafe000", {}, []),
        (f"(cherry picked from commit {SHA})", {}, [SHA]),
        (f"This reverts commit {SHA}.", {}, [SHA]),
        (f"a checksum: {SHA}", {}, []),
        ("Fixes: 0123abc (x)", {}, []),
        ("Fixes: 0123abc (x)", {"0123abc": SHA}, [SHA]),
    ],
)
def test_a_hash_is_a_commit_if_it_is_known_or_whole_and_called_one(
    message: str, known: dict[str, str], found: list[str]
) -> None:
    assert conventions.commits(message, conventions.named_hashes(message), known) == found


@pytest.mark.parametrize(
    ("subject", "parents", "squash", "fixup", "revert"),
    [
        ("fixup! x", 1, False, True, False),
        ("amend! x", 1, False, True, False),
        ("squash! x", 1, True, False, False),
        ("Add x (#12)", 1, True, False, False),
        ("Merge x (#12)", 2, False, False, False),
        ('Revert "x"', 1, False, False, True),
        ("revert: x", 1, False, False, True),
        ("Reverted thinking", 1, False, False, False),
    ],
)
def test_subjects_say_squash_fixup_and_revert(
    subject: str, parents: int, squash: bool, fixup: bool, revert: bool
) -> None:
    assert conventions.is_squash(subject, subject, parents) is squash
    assert conventions.is_fixup(subject) is fixup
    assert conventions.is_revert(subject, subject) is revert


def test_bodies_say_squash_and_revert() -> None:
    assert conventions.is_squash("x", "x\n\nSquashed commit of the following:\n", 1)
    assert conventions.is_revert("x", f"x\n\nThis reverts commit {SHA}.")


@pytest.mark.parametrize(
    "word", ["a.", "a/", "#1", "A1-", "http://", "0123456789abcdef", "-", " (#1"]
)
def test_a_hostile_message_costs_no_more_than_its_length(word: str) -> None:
    message = "-1" + word * (65536 // len(word))
    start = time.process_time()
    conventions.issues(message)
    conventions.commits(message, conventions.named_hashes(message), {})
    conventions.is_squash(message, message, 1)
    assert time.process_time() - start < 2
