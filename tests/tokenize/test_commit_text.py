import dataclasses

import pytest
from builders import commit
from hypothesis import given
from hypothesis import strategies as st

from codekiln.tokenize import markers
from codekiln.tokenize.commit_text import body, compose, date, head


def row(**told: object) -> dict[str, object]:
    return dataclasses.asdict(commit(1, **told))  # type: ignore[arg-type] # any field


def test_a_commit_reads_in_the_order_of_its_markers() -> None:
    told = row(message="fix\n\nwhy", diff="@@ -1 +1 @@\n-a\n+b\n", author_utc_offset_minutes=60)
    assert head(told) + body(told["diff_stats"]) == (  # type: ignore[arg-type] # a list of rows
        "<|commit|><|author|>Ann<|date|>2023-11-14 23:14 +0100<|message|>fix\n\nwhy"
        "<|files|>M a.py +0 -0<|diff|>--- a.py\n@@ -1 +1 @@\n-a\n+b\n"
    )


def test_a_forged_marker_is_taken_out_of_what_people_wrote() -> None:
    told = head(row(message="a <|endoftext|><|commit|> b"))
    assert told.count(markers.COMMIT) == 1
    assert markers.END not in told


@pytest.mark.parametrize("told", [{"dates_are_sane": False}])
def test_a_broken_date_is_left_out(told: dict[str, object]) -> None:
    assert date(row(**told)) == ""


def test_a_long_text_is_cut_at_a_line_end() -> None:
    cut = compose("line one\nline two\nline three", 20)
    assert cut == ("line one\nline two" + markers.END, True)


@given(st.lists(st.sampled_from([*markers.ALL, "ab", "\n", " "]), max_size=40), st.integers(10, 80))
def test_a_cut_never_leaves_half_a_marker(pieces: list[str], longest: int) -> None:
    text = compose("".join(pieces), longest).text.removesuffix(markers.END)
    for marker in markers.ALL:
        text = text.replace(marker, "")
    assert "<" not in text
