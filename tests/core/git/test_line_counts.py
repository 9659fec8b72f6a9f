import pytest

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
