"""Pull requests and repositories of any size: memory and disk stay within their limits."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from histories import History, git, text
from pull_histories import IMPATIENT, by_git, collected, one, served, url

from codekiln.collect_pulls import changes, differences, forks
from codekiln.collect_pulls.changes import Failed, Wanted, told
from codekiln.collect_pulls.limits import Limits
from codekiln.collect_pulls.mirror import Mirror
from codekiln.core.corpus.pulls import Changes

KIB = 1 << 10


@pytest.fixture
def made(tmp_path: Path) -> History:
    return served(tmp_path / "source.git")


def loaded(made: History, commits: Iterable[tuple[str, Mapping[str, bytes]]]) -> list[str]:
    """Commit (branch, files) one after the other; a branch leaves the first commit."""
    stream, tips = [], dict[str, int]()
    for mark, (branch, files) in enumerate(commits, start=1):
        head = f"commit refs/heads/{branch}\nmark :{mark}\ncommitter A <a@b> {mark} +0000\n"
        start = f"data 1\nx\nfrom :{tips.get(branch, 1)}\n" if mark > 1 else "data 1\nx\n"
        stream.append(f"{head}{start}".encode())
        tips[branch] = mark
        for path, data in files.items():
            stream.append(b"M 644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    git(made.path, "fast-import", "--quiet", "--export-marks=marks", given=b"".join(stream))
    rows = (made.path / "marks").read_text().split("\n")[:-1]
    return [sha for _, sha in sorted((int(row[1:].split()[0]), row.split()[1]) for row in rows)]


def test_three_thousand_files_are_listed_and_none_of_them_is_fetched(
    made: History, tmp_path: Path
) -> None:
    files = {f"d{n % 50}/f{n}.go": b"package d%d\n" % n for n in range(3000)}
    root, head = loaded(made, [("main", {"a.go": b"a\n"}), ("wide", files)])
    with Mirror(url(made), tmp_path / "scratch", Limits(files=20), IMPATIENT) as mirror:
        (found,) = told(mirror, [Wanted(1, head, root)])
        assert mirror.files.size() < 200 * KIB
    assert isinstance(found, Changes)
    assert {file.path for file in found.files} == set(files)
    assert all(file.truncated and file.after is None for file in found.files)


def test_of_very_many_files_the_first_are_listed(made: History, tmp_path: Path) -> None:
    files = {f"f{n:02}.go": b"x\n" for n in range(50)}
    root, head = loaded(made, [("main", {"a.go": b"a\n"}), ("wide", files)])
    found = one(made, root, head, tmp_path / "scratch", Limits(listed_files=7))
    assert [file.path for file in found.files] == sorted(files)[:7]


def test_a_file_of_sixty_megabytes_is_told_of_and_not_kept(made: History, tmp_path: Path) -> None:
    large = b"package large\n" * (60 << 20 >> 4)
    root, head = loaded(
        made, [("main", {"a.go": b"a\n"}), ("big", {"a.go": b"b\n", "big.go": large})]
    )
    found = one(made, root, head, tmp_path / "scratch")
    small, big = found.files
    assert (small.patch, small.after) == ("@@ -1 +1 @@\n-a\n+b", "b\n")
    assert (big.status, big.truncated, big.binary, big.patch) == ("added", True, False, "")
    assert big.after is None


def test_a_patch_is_cut_after_a_whole_hunk_and_counts_all(made: History, tmp_path: Path) -> None:
    lines = [b"line %d\n" % n for n in range(400)]
    changed = [line if n % 20 else b"other\n" for n, line in enumerate(lines)]
    root, head = loaded(
        made, [("main", {"a.go": b"".join(lines)}), ("p", {"a.go": b"".join(changed)})]
    )
    (cut,) = one(made, root, head, tmp_path / "a", Limits(file_bytes=KIB)).files
    (whole,) = one(made, root, head, tmp_path / "b").files
    assert cut.truncated
    assert not whole.truncated
    assert whole.patch.startswith(cut.patch + "\n@@ ")
    assert (cut.additions, cut.before, whole.before) == (20, None, b"".join(lines).decode())


def test_a_pull_request_has_room_for_so_much_and_no_more(made: History, tmp_path: Path) -> None:
    files = {f"f{n}.go": b"%d\n" % n * 1000 for n in range(9)}
    root, head = loaded(made, [("main", {"a.go": b"a\n"}), ("p", files)])
    found = one(made, root, head, tmp_path / "scratch", Limits(pull_bytes=10 * KIB))
    kept = sum(len(file.patch) + len(file.after or "") for file in found.files)
    assert 5 * KIB < kept <= 10 * KIB
    assert [file.additions for file in found.files] == [1000] * 9
    assert any(file.truncated for file in found.files)


def test_of_very_many_commits_the_oldest_are_listed(made: History, tmp_path: Path) -> None:
    root = made.commit({"a.go": "0\n"})
    tip = [root]
    for number in range(1, 9):
        tip = [made.commit({"a.go": f"{number}\n"}, f"c{number}", tip)]
    found = one(made, root, tip[0], tmp_path / "scratch", Limits(commits=3))
    assert [commit.message for commit in found.commits] == ["c1", "c2", "c3"]


def test_a_repository_larger_than_the_disk_it_may_take_fails(made: History, tmp_path: Path) -> None:
    commits = [("main", {"a.go": os.urandom(40)}) for _ in range(900)]
    shas = loaded(made, commits)
    found = collected(
        made, [Wanted(1, shas[-1], shas[0])], tmp_path / "scratch", Limits(disk_bytes=20 * KIB)
    )
    assert found[1] == Failed(1, forks.TOO_LARGE)


def test_one_pull_request_too_large_for_the_disk_fails_alone(made: History, tmp_path: Path) -> None:
    heads = [(f"p{n}", {"a.go": b"%d\n" % n}) for n in range(5)]
    heads[2] = ("p2", {"a.go": os.urandom(1 << 19).hex().encode()})
    root, *shas = loaded(made, [("main", {"a.go": b"a\n"}), *heads])
    wanted = [Wanted(number, sha, root) for number, sha in enumerate(shas)]
    found = collected(made, wanted, tmp_path / "scratch", Limits(disk_bytes=256 * KIB))
    assert found[2] == Failed(2, forks.TOO_LARGE)
    assert {n for n, one in found.items() if isinstance(one, Changes)} == {0, 1, 3, 4}


def test_what_was_fetched_is_forgotten_when_it_takes_half_of_the_room(
    made: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "AT_ONCE", 1)
    heads = [(f"p{n}", {"a.go": os.urandom(1 << 17).hex().encode()}) for n in range(9)]
    root, *shas = loaded(made, [("main", {"a.go": b"a\n"}), *heads])
    limits = Limits(disk_bytes=600 * KIB)
    with Mirror(url(made), tmp_path / "scratch", limits, IMPATIENT) as mirror:
        for number, sha in enumerate(shas):
            (found,) = told(mirror, [Wanted(number, sha, root)])
            assert isinstance(found, Changes)
            assert mirror.size() <= limits.disk_bytes


def test_few_rows_are_held_at_once_whatever_the_batch(
    made: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(differences, "ROWS_AT_ONCE", 3)
    heads = [(f"p{n}", {f"{n}{m}.go": b"x\n" for m in range(n)}) for n in range(6)]
    root, *shas = loaded(made, [("main", {"a.go": b"a\n"}), *heads])
    found = collected(made, [Wanted(n, sha, root) for n, sha in enumerate(shas)], tmp_path / "s")
    assert [len(one.files) for _, one in sorted(found.items()) if isinstance(one, Changes)] == [
        0, 1, 2, 3, 4, 5,
    ]  # fmt: skip


def test_files_that_git_would_not_compare_are_told_as_gone_and_come(
    made: History, tmp_path: Path
) -> None:
    body = os.urandom(40 * KIB).hex().encode() + b"\n"
    old = b"".join(body[n : n + 64] + b"\n" for n in range(0, len(body), 64))
    root, head = loaded(made, [("main", {"a.go": old}), ("p", {"b.go": old + b"more\n"})])
    gone = loaded_without(made, head, "a.go")
    renamed = one(made, root, gone, tmp_path / "a")
    assert [file.status for file in renamed.files] == ["renamed"]
    assert {p: t.status for p, t in by_git(made, root, gone).items()} == {"b.go": "renamed"}
    limits = Limits(largest_file_bytes=10 * KIB)
    apart = one(made, root, gone, tmp_path / "b", limits)
    assert [(f.path, f.status, f.truncated) for f in apart.files] == [
        ("a.go", "removed", True),
        ("b.go", "added", True),
    ]


def loaded_without(made: History, head: str, path: str) -> str:
    """Commit on `head` that `path` is gone."""
    stream = (
        f"commit refs/heads/gone\ncommitter A <a@b> 9 +0000\ndata 1\nx\nfrom {head}\nD {path}\n"
    )
    git(made.path, "fast-import", "--quiet", given=stream.encode())
    return text(made.path, "rev-parse", "gone")
