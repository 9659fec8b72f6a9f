import pytest
from go_changes import patch
from hypothesis import given
from hypothesis import strategies as st

from codekiln.build_examples.hunks import TornError, hunks, lines

BEFORE = "".join(f"line {n}\n" for n in range(20))
AFTER = BEFORE.replace("line 4\n", "new\nnewer\n").replace("line 15\n", "")


def test_a_hunk_holds_the_lines_of_both_sides_and_which_changed() -> None:
    first, second = hunks(patch(BEFORE, AFTER), BEFORE, AFTER)
    assert first.before == "".join(f"line {n}\n" for n in range(1, 8))
    assert first.after.splitlines()[3:5] == ["new", "newer"]
    assert (first.removed, first.added) == ([4], [4, 5])
    assert (second.removed, second.added, second.place) == ([15], [], 16)


def test_a_new_file_is_one_hunk_with_nothing_before() -> None:
    (one,) = hunks(patch("", "a\nb\n"), "", "a\nb\n")
    assert (one.before, one.after, one.added) == ("", "a\nb\n", [0, 1])


def test_a_last_line_without_its_end_stays_so() -> None:
    (one,) = hunks(patch("a\nb", "a\nc"), "a\nb", "a\nc")
    assert (one.before, one.after) == ("a\nb", "a\nc")


@pytest.mark.parametrize(
    "torn",
    [
        patch(BEFORE, AFTER)[:-20],
        patch(BEFORE, AFTER).replace("-line 4", "-line 5"),
        "@@ -1,5 +1,5 @@\n-a",
        "@@ -900,2 +900,2 @@\n-a\n+b",
    ],
)
def test_a_patch_that_does_not_fit_its_texts_is_torn(torn: str) -> None:
    with pytest.raises(TornError):
        hunks(torn, BEFORE, AFTER)


def test_no_patch_has_no_hunks() -> None:
    assert not hunks("", BEFORE, AFTER)


text = st.text(alphabet=st.sampled_from("ab\n\r\x0b\u2028-+@ "), max_size=60)


@given(text, text)
def test_the_hunks_of_any_two_texts_fit_them(before: str, after: str) -> None:
    for one in hunks(patch(before, after), before, after):
        old, new = lines(before), lines(after)
        assert "".join(old[one.before_start :]).startswith(one.before)
        assert "".join(new[one.after_start :]).startswith(one.after)
        assert all(one.after_start <= number < one.after_stop + 1 for number in one.added)
