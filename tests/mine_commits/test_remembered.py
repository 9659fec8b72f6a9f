from dataclasses import replace
from pathlib import Path

from histories import Content, History, history

from codekiln.core.git.command import Git
from codekiln.mine_commits.diffs import RAW, Asker, Differ
from codekiln.mine_commits.patches import Caps, CommitDiff
from codekiln.mine_commits.remembered import Remembered


def branch_and_merge(made: History) -> tuple[str, str]:
    """Return what to ask for the diff of a branch's commit and for that of its merge."""
    body = "".join(f"line {n}\n" for n in range(50))
    root = made.commit({"a": body, "b": b"\0", "c": "c\n", "m": body})
    changes: dict[str | bytes, Content | None] = {
        "a": body.replace("7", "seven"),
        "b": b"\0\0",
        "n": "new\n",
        "m": None,
        "m2": body,
    }
    branch = made.commit(changes, parents=[root])
    main = made.commit({"c": "cc\n"}, parents=[root])
    merge = made.commit(changes, parents=[main, branch])
    return f"{branch} {root}", f"{merge} {main}"


def diffs_of_merge(path: Path, caps: Caps) -> tuple[CommitDiff | None, CommitDiff | None]:
    """Return the diff of a merge as remembered from its branch, and as git gives it."""
    branch, merge = branch_and_merge(history(path))
    git = Git(variables={"GIT_DIR": str(path)})
    remembered = Remembered(caps)
    list(Differ(git, caps, remembered.keep).read([branch]))
    (told,) = Differ(git, caps).read([merge], RAW)
    assert told is not None
    known = remembered.complete(told)
    (given,) = Differ(git, caps).read([merge])
    return told if known else None, given


def test_what_is_remembered_is_what_git_would_give(tmp_path: Path) -> None:
    remembered, given = diffs_of_merge(tmp_path, Caps())
    assert remembered is not None
    assert remembered == given


def test_the_caps_cut_what_is_remembered_as_they_cut_what_git_gives(tmp_path: Path) -> None:
    for caps in (Caps(file_bytes=150), Caps(file_bytes=150, commit_bytes=400)):
        remembered, given = diffs_of_merge(tmp_path / str(caps.commit_bytes), caps)
        assert given is not None
        assert given.is_capped
        assert remembered == given


def test_hunks_that_the_cap_of_a_commit_cut_are_asked_for_again(tmp_path: Path) -> None:
    remembered, given = diffs_of_merge(tmp_path, Caps(commit_bytes=100))
    assert remembered is None
    assert given is not None


def test_the_oldest_hunks_are_forgotten_first(tmp_path: Path) -> None:
    branch, _ = branch_and_merge(history(tmp_path))
    remembered = Remembered(Caps(), largest=1000)
    git = Git(variables={"GIT_DIR": str(tmp_path)})
    (diff,) = Differ(git, Caps(), remembered.keep).read([branch])
    assert diff is not None
    assert 0 < remembered.size <= 1000
    assert len(remembered.known) < diff.changed
    assert not remembered.complete(replace(diff))


def test_one_asked_alone_gives_what_a_stream_gives_and_survives_what_git_does_not(
    tmp_path: Path,
) -> None:
    made = history(tmp_path)
    branch, merge = branch_and_merge(made)
    git = Git(variables={"GIT_DIR": str(tmp_path)})
    differ = Differ(git, Caps())
    (given,) = differ.read([merge])
    lost = made.commit({"lost": "lost\n"})
    made.remove(made.blob("lost\n"))
    with Asker(differ) as asker:
        assert asker.read(merge) == given
        assert asker.read(lost) is None
        assert asker.read(merge) == given
        assert asker.read(branch) is not None
