import io
import subprocess
from pathlib import Path

import pytest
from histories import Content, environment, git, history
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekiln.core.git import buffer, diffs, patches, rows
from codekiln.core.git.caps import Caps
from codekiln.core.git.command import Git
from codekiln.core.git.patches import CommitDiff, cut_text
from codekiln.core.git.rows import Row

SHA = "1" * 40
NEXT = "2" * 40
ROW = f":100644 100644 {'a' * 40} {'b' * 40} M\0a.txt\0".encode()
PATCH = b"diff --git a/a.txt b/a.txt\nindex 1..2 100644\n--- a/a.txt\n+++ b/a.txt\n"
HUNK = b"@@ -1,2 +1,2 @@\n a\n-b\n+c\n"

lines = st.sampled_from(
    [
        b"a",
        b"b",
        b"",
        b"\r",
        b"+x",
        b"-x",
        b"@@ -1 +1 @@",
        b"diff --git a/a b/a",
        b"\x0c\x0b",
        b"\xe9",
    ]
)
contents = st.builds(
    lambda body, last: b"\n".join(body) + last,
    st.lists(lines, max_size=12),
    st.sampled_from([b"", b"\n"]),
)
names = st.sampled_from([b"a", b"b", b"d/c", b"d/\xe9", b'q"uote', b"new\nline", b"tab\t"])
trees = st.dictionaries(names, contents, max_size=5)


class Slow(io.BytesIO):
    """A pipe that gives a few bytes at a time."""

    def readinto(self, buffer: object) -> int:
        assert isinstance(buffer, memoryview)
        return super().readinto(buffer[:7])


def read(data: bytes, shas: list[str], caps: Caps | None = None) -> list[CommitDiff[Row]]:
    return list(patches.read(Slow(data), shas, caps or Caps(), rows.make))  # type: ignore[arg-type]  # BytesIO stands for a raw pipe


def test_a_patch_is_counted_whatever_pieces_it_comes_in() -> None:
    data = f"{SHA}\0".encode() + ROW + b"\0" + PATCH + HUNK + HUNK
    (diff,) = read(data, [SHA])
    assert (diff.insertions, diff.deletions, diff.files[0].hunks) == (2, 2, 2)
    assert diff.files[0].diff_text == (HUNK + HUNK).decode()


def test_rows_and_hunks_larger_than_the_window_are_read_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(buffer, "LARGE", 20)
    rows = [ROW.replace(b"a.txt", b"%d\n.txt" % n) for n in range(9)]
    data = f"{SHA}\0".encode() + b"".join(rows) + b"\0" + b"".join([PATCH + HUNK] * 9)
    (diff, following) = read(data + f"{NEXT}\0".encode(), [SHA, NEXT])
    assert [file.path for file in diff.files] == [f"{n}\n.txt" for n in range(9)]
    assert [file.diff_text for file in diff.files] == [HUNK.decode()] * 9
    assert (diff.insertions, following.changed) == (9, 0)


def test_commits_without_changes_follow_each_other() -> None:
    assert [diff.changed for diff in read(f"{SHA}\0{NEXT}\0".encode(), [SHA, NEXT])] == [0, 0]


@pytest.mark.parametrize("cut", [10, 45, 60, 150, 200, 280])
def test_a_commit_that_git_did_not_finish_is_not_given(cut: int) -> None:
    data = f"{SHA}\0".encode() + ROW + b"\0" + PATCH + HUNK + f"{NEXT}\0".encode()
    assert read(data[:cut], [SHA, NEXT]) == []


def test_a_text_is_cut_after_its_last_whole_hunk_or_line() -> None:
    assert cut_text(b"\n@@ 1\n+a\n@@ 2\n+b") == b"\n@@ 1\n+a"
    assert cut_text(b"\n@@ 1\n+a\n+bcd") == b"\n@@ 1\n+a"
    assert cut_text(b"\n@@") == b""


def numstat(repository: Path, *trees: str) -> dict[str, tuple[int, int]]:
    told = git(repository, "diff-tree", "-r", "-M", "-z", "--numstat", *trees)
    found = {}
    parts = iter(told.split(b"\0")[:-1])
    for part in parts:
        added, removed, path = part.split(b"\t", 2)
        if not path:  # renamed: old and new path follow
            next(parts)
            path = next(parts)
        found[path.decode("utf-8", "backslashreplace")] = (int(added), int(removed))
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=trees, after=trees)
def test_insertions_and_deletions_are_those_of_numstat(
    tmp_path: Path, before: dict[bytes, bytes], after: dict[bytes, bytes]
) -> None:
    path = tmp_path / "source.git"
    made = history(path)
    first = made.commit(dict(before.items()))
    changes: dict[str | bytes, Content | None] = dict.fromkeys(before)
    changes.update(after.items())
    second = made.commit(changes, parents=[first])
    git = Git(variables={"GIT_DIR": str(path)})
    (diff,) = diffs.read(git, [f"{second} {first}"], Caps(), rows.make)
    assert diff is not None
    counted = {file.path: (file.insertions, file.deletions) for file in diff.files}
    assert counted == numstat(path, first, second)
    assert diff.insertions == sum(added for added, _ in counted.values())


def test_the_kept_hunks_are_a_patch_that_git_can_apply(tmp_path: Path) -> None:
    made = history(tmp_path / "source.git")
    old, new = b"1\n2\n3\n4\n5\n6\n7\n8\n9\n", b"1\ntwo\n3\n4\n5\n6\n7\n8\n9\nten\n"
    first = made.commit({"a": old})
    second = made.commit({"a": new}, parents=[first])
    git = Git(variables={"GIT_DIR": str(made.path)})
    (diff,) = diffs.read(git, [f"{second} {first}"], Caps(), rows.make)
    assert diff is not None
    (tmp_path / "a").write_bytes(old)
    patch = b"--- a/a\n+++ b/a\n" + diff.files[0].diff_text.encode()
    apply = ["git", "apply", "-"]
    subprocess.run(apply, cwd=tmp_path, env=environment(), input=patch, check=True)
    assert (tmp_path / "a").read_bytes() == new
