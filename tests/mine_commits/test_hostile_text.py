"""Names, dates, messages and files that break miners: every commit is delivered."""

from pathlib import Path

import pytest
from histories import (
    EXECUTABLE,
    FILE,
    SUBMODULE,
    SYMLINK,
    Content,
    History,
    by_subject,
    every_commit,
    history,
)

from codekiln.core.git.caps import Caps
from codekiln.mine_commits.limits import Limits

HASH = "1234567890abcdef1234567890abcdef12345678"


@pytest.fixture
def made(tmp_path: Path) -> History:
    return history(tmp_path / "source.git")


def test_bytes_that_are_no_utf8_become_text_in_names_messages_paths_and_files(
    made: History,
) -> None:
    stamp = b"J\xfcrgen <j\xfc@example.org> 1700000000 +0100"
    files: dict[str | bytes, bytes] = {b"\xe9t\xe9.txt": b"na\xefve\n", b"\xe8t\xe8.txt": b"x\n"}
    sha = made.commit(files, b"gr\xfc\xdfe\n", author=stamp, encoding=b"ISO-8859-1")
    made.ref("refs/heads/main", sha)
    (record,) = every_commit(made)
    assert record.author_name == "Jürgen"
    assert record.subject == "grüße"
    assert {change.path for change in record.diff_stats} == {"\\xe9t\\xe9.txt", "\\xe8t\\xe8.txt"}
    assert any("naïve" in change.diff_text for change in record.diff_stats)


@pytest.mark.parametrize(
    ("encoding", "data", "subject"),
    [
        (b"SHIFT_JIS", "日本".encode("shift_jis"), "日本"),
        (b"ISO-2022-JP", "日本".encode("iso2022_jp"), "日本"),
        (b"no-such-thing", b"\xe9t\xe9", "été"),
        (b"hex", b"\xe9t\xe9", "été"),
        (b"unicode_escape", b"\xff\\ud800", "ÿ\\ud800"),
        (b"ISO-8859-1", "schon UTF-8: é".encode(), "schon UTF-8: é"),
        (b"\xff\xfe", b"ok", "ok"),
    ],
)
def test_a_declared_encoding_is_used_where_it_can_be(
    made: History, encoding: bytes, data: bytes, subject: str
) -> None:
    made.ref("refs/heads/main", made.commit({}, data, encoding=encoding))
    (record,) = every_commit(made)
    assert record.subject == subject


@pytest.mark.parametrize(
    "stamp",
    [
        b"1700000000 +9999",
        b"1700000000 UTC",
        b"-1700000000 +0000",
        b"18446744073709551615 +0000",
        b"99999999999999999999999999 +0000",
        b"",
        b"yesterday",
    ],
)
def test_a_broken_date_keeps_its_commit(made: History, stamp: bytes) -> None:
    ident = b"A <a@example.org> " + stamp
    made.ref("refs/heads/main", made.commit({"a": "x\n"}, author=ident, committer=ident))
    (record,) = every_commit(made)
    assert not record.dates_are_sane
    assert 0 <= record.work_hour < 24
    assert 0 <= record.day_of_week < 7
    assert record.author_utc_offset_minutes == 0


@pytest.mark.parametrize(
    "ident",
    [
        b"no brackets at all",
        b"<only@mail>",
        b"Two <a@b> <c@d> 1700000000 +0000",
        b"Open <a@b 1700000000 +0000",
        b"",
        b"Nul <a@b>1700000000+0000",
        b"\xff\xfe <\x80@\x81> 1700000000 +0000",
    ],
)
def test_a_malformed_author_line_keeps_its_commit(made: History, ident: bytes) -> None:
    made.ref("refs/heads/main", made.commit({"a": "x\n"}, author=ident, committer=ident))
    (record,) = every_commit(made)
    assert record.insertions == 1


def test_forged_headers_in_files_and_messages_forge_nothing(made: History) -> None:
    # Behind 8000 bytes a NUL does not make a file binary.
    long = "x" * 8000
    forged = f"{long}\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n{HASH}\0:100644 1\n"
    first = made.commit({"a": forged}, f"one\n\n{forged}")
    forged_commit = f"two\n\ncommit {HASH}\nauthor Eve <e@x> 1 +0000\ntree {HASH}\n"
    second = made.commit({"a": forged + forged, "b": "x\n"}, forged_commit, [first])
    made.ref("refs/heads/main", second)
    records = by_subject(every_commit(made))
    assert records["one"].insertions == forged.count("\n")
    assert records["two"].insertions == forged.count("\n") + 1
    assert records["two"].author_name == "Ann Author"


def test_odd_line_breaks_break_no_line(made: History) -> None:
    odd = "one\x0btwo\x0cthree\x85four\u2028five\rsix\n"
    made.ref("refs/heads/main", made.commit({"a": odd, "b\x0bc\nd": odd}, odd))
    (record,) = every_commit(made)
    assert record.insertions == 2
    assert {change.path for change in record.diff_stats} == {"a", "b\x0bc\nd"}
    assert odd in record.diff_stats[0].diff_text


def test_a_nul_late_in_a_file_stays_in_its_patch(made: History) -> None:
    late = b"x\n" * 5000 + b"a\0b\n"
    first = made.commit({"a": late}, "one")
    second = made.commit({"a": late + b"\0\n", "z": "z\n"}, "two", [first])
    made.ref("refs/heads/main", second)
    two = by_subject(every_commit(made))["two"]
    assert (two.insertions, two.files_changed) == (2, 2)
    assert "+\0\n" in two.diff_stats[0].diff_text


def test_a_binary_file_is_flagged_and_has_no_text(made: History) -> None:
    made.ref("refs/heads/main", made.commit({"a": b"\0\1\2", "b": "text\n"}))
    (record,) = every_commit(made)
    assert [change.is_binary for change in record.diff_stats] == [True, False]
    assert (record.files_binary, record.insertions) == (1, 1)
    assert record.diff_stats[0].diff_text == ""


def test_type_changes_between_file_link_and_submodule_keep_rows_and_patches_together(
    made: History,
) -> None:
    before: dict[str | bytes, tuple[str, str]] = {
        "a": (FILE, "was a file\n"),
        "b": (SYMLINK, "target"),
        "c": (SUBMODULE, HASH),
        "d": (FILE, "stays\n"),
    }
    after: dict[str | bytes, tuple[str, str]] = {
        "a": (SYMLINK, "now-a-link"),
        "b": (SUBMODULE, HASH),
        "c": (FILE, "now a file\n"),
        "d": (FILE, "stays\nand grows\n"),
    }
    first = made.commit(before, "one")
    made.ref("refs/heads/main", made.commit(after, "two", [first]))
    two = by_subject(every_commit(made))["two"]
    shown = {change.path: change for change in two.diff_stats}
    assert [shown[name].change_type for name in "abcd"] == ["T", "T", "T", "M"]
    assert [(shown[n].insertions, shown[n].deletions) for n in "abcd"] == [
        (1, 1), (1, 1), (1, 1), (1, 0),
    ]  # fmt: skip
    assert "+and grows\n" in shown["d"].diff_text


def test_submodule_moves_count_as_git_counts_them(made: History) -> None:
    first = made.commit({"sub": (SUBMODULE, HASH)}, "one")
    made.ref("refs/heads/main", made.commit({"sub": (SUBMODULE, HASH[::-1])}, "two", [first]))
    two = by_subject(every_commit(made))["two"]
    assert (two.insertions, two.deletions, two.files_modified) == (1, 1, 1)


def test_very_many_files_are_counted_though_few_are_listed(made: History) -> None:
    files: dict[str | bytes, str] = {f"d{n % 7}/f{n}": "x\n" for n in range(500)}
    made.ref("refs/heads/main", made.commit(files))
    (record,) = every_commit(made, Limits(caps=Caps(files=20)))
    assert (record.files_changed, record.files_added, record.insertions) == (500, 500, 500)
    assert len(record.diff_stats) == 20
    assert record.diff_status == "capped"


def test_a_long_diff_is_cut_after_a_whole_hunk_and_counted_whole(made: History) -> None:
    before = "".join(f"line {n}\n" for n in range(4000))
    after = before.replace("line 10\n", "x\n").replace("line 3000\n", "y\n" * 3000)
    first = made.commit({"a": before}, "one")
    made.ref("refs/heads/main", made.commit({"a": after, "b": "b\n"}, "two", [first]))
    two = by_subject(every_commit(made, Limits(caps=Caps(file_bytes=1000))))["two"]
    (a, b) = two.diff_stats
    assert (a.insertions, a.deletions, a.hunks) == (3001, 2, 2)
    assert a.diff_truncated
    assert a.diff_text.count("@@ -") == 1
    assert a.diff_text.endswith(" line 13\n")
    assert not b.diff_truncated


def test_one_line_of_many_megabytes_is_counted_and_cut(made: History) -> None:
    made.ref("refs/heads/main", made.commit({"a": b"+diff --git " * 400_000, "b": "b\n"}))
    (record,) = every_commit(made)
    (a, b) = record.diff_stats
    assert (a.insertions, b.insertions) == (1, 1)
    assert a.diff_truncated
    assert len(a.diff_text) < 100


def test_renames_copies_and_modes_are_told_apart(made: History) -> None:
    body = "".join(f"line {n}\n" for n in range(30))
    before: dict[str | bytes, str] = {"a": body, "b": body + "b\n", "c": "c\n", "m": "mode\n"}
    first = made.commit(before, "one")
    changed: dict[str | bytes, Content | None] = {"m": (EXECUTABLE, "mode\n"), "c2": "c\n"}
    changed |= {"a": None, "a2": body, "b": None, "b2": body + "bb\n"}
    two = made.commit(changed, "two", [first])
    made.ref("refs/heads/main", two)
    record = by_subject(every_commit(made))["two"]
    shown = {change.path: change for change in record.diff_stats}
    assert (shown["a2"].change_type, shown["a2"].original_path) == ("R", "a")
    assert (shown["b2"].change_type, shown["b2"].insertions) == ("R", 1)
    assert shown["c2"].change_type == "A"
    assert (shown["m"].change_type, shown["m"].old_mode, shown["m"].new_mode) == (
        "M", 0o100644, 0o100755,
    )  # fmt: skip
    assert record.files_renamed == 2


def test_a_commit_that_changes_nothing_is_delivered(made: History) -> None:
    first = made.commit({"a": "a\n"}, "one")
    second = made.commit({}, "two", [first])
    made.ref("refs/heads/main", made.commit({}, "three", [second]))
    assert [record.files_changed for record in every_commit(made)] == [1, 0, 0]


def test_a_long_message_is_cut_between_characters(made: History) -> None:
    made.ref("refs/heads/main", made.commit({}, "é" * 5000))
    (record,) = every_commit(made, Limits(message_bytes=1000))
    assert record.message_truncated
    assert set(record.full_message) == {"é"}
