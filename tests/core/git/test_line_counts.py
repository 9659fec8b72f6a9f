import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.git import line_counts

HUNKS = b"cut\n@@ -1,3 +1,3 @@ x\n a\n+@@\n+b\n--c\n\\ No newline\n@@ -9 +9 @@\n-\n"


@pytest.mark.parametrize("end", [b"", b"+", b"-a\n", b" @@"])
def test_large_and_small_hunks_are_counted_alike(
    monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    text = HUNKS * 3 + end
    small = line_counts.count(text)
    monkeypatch.setattr(line_counts, "LARGE", 0)
    assert line_counts.count(text) == small


def test_what_comes_before_the_first_line_break_is_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert line_counts.count(b"+a\n+b\n@@ -1 +1 @@\n-c") == (1, 1, 1)
    monkeypatch.setattr(line_counts, "LARGE", 0)
    assert line_counts.count(b"+a\n+b\n@@ -1 +1 @@\n-c") == (1, 1, 1)


HEAD = b"\ndiff --git a/%d b/%d\ndeleted file mode 100644\n--- a/x\n+++ b/x"
bodies = st.lists(
    st.sampled_from([b"\n@@ -1 +1 @@", b"\n+a", b"\n-", b"\n diff --git ", b"\n+d", b"\n\\ No"]),
    max_size=6,
).map(
    lambda lines: (
        b"\n@@ -0,0 +1 @@" + b"".join(lines) if lines else b"\nBinary files x and y differ"
    )
)


@given(
    before=st.sampled_from([b"", b"\n+rest\n-of it"]),
    bodies=st.lists(bodies, min_size=2, max_size=5),
)
def test_sections_in_one_pass_have_the_counts_that_each_has_alone(
    before: bytes, bodies: list[bytes]
) -> None:
    sections = [HEAD % (n, n) + body for n, body in enumerate(bodies)]
    patch = before + b"".join(sections)
    last = len(patch) - len(sections[-1])
    found = line_counts.sections(patch, len(before), last)
    assert [patch[start:end] for start, _, end, *_ in found] == sections[:-1]
    for (start, hunk, end, *counts), section in zip(found, sections, strict=False):
        place = section.find(b"\n@@ ")
        assert hunk == (end if place < 0 else start + place)
        assert tuple(counts) == (line_counts.count(section, place) if place >= 0 else (0, 0, 0))
