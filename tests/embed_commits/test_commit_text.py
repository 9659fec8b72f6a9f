"""What of a commit is embedded."""

from codekiln.embed_commits import commit_text


def test_subject_body_and_paths_come_in_this_order() -> None:
    assert commit_text.compose("fix", "why\n", ["a.py", "b.py"]) == "fix\nwhy\na.py\nb.py"


def test_a_long_body_leaves_room_for_the_paths() -> None:
    text = commit_text.compose("fix", "x" * 100_000, ["a.py"])
    assert text.endswith("\na.py")
    assert len(text) < 1_000


def test_empty_parts_leave_no_empty_lines() -> None:
    assert commit_text.compose("fix", "", []) == "fix"
