import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from histories import EXECUTABLE, SUBMODULE, SYMLINK, Content, History, history
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekiln.core.git import changed, diffs, pairs, rows, shared_diffs
from codekiln.core.git.caps import Caps
from codekiln.core.git.command import Git
from codekiln.core.git.patches import CommitDiff
from codekiln.core.git.rows import Row
from codekiln.core.git.shared_diffs import Memory

Changes = dict[str | bytes, Content | None]

HASH = "1234567890abcdef1234567890abcdef12345678"
TEXTS = [
    b"a\nb\nc\nd\ne\nf\ng\nh\n",
    b"a\nB\nc\nd\ne\nf\ng\nH\n",
    b"+x\n-y\n@@ z",
    b"",
    b"\0",
    b"\xe9\n",
]

contents: st.SearchStrategy[Content] = st.one_of(
    st.sampled_from(TEXTS),
    st.tuples(st.sampled_from([EXECUTABLE, SYMLINK]), st.sampled_from(TEXTS[:3])),
    st.just((SUBMODULE, HASH)),
)
trees: st.SearchStrategy[Changes] = st.dictionaries(
    st.sampled_from([b"a", b"b", b"d/\xe9", b"new\nline"]), contents, max_size=4
)
caps = st.builds(
    Caps,
    file_bytes=st.sampled_from([0, 20, 1 << 15]),
    commit_bytes=st.sampled_from([0, 30, 1 << 19]),
    files=st.sampled_from([1, 10]),
)


@pytest.fixture
def made(tmp_path: Path) -> History:
    return history(tmp_path / "source.git")


def opened(made: History) -> Git:
    return Git(variables={"GIT_DIR": str(made.path)})


def read(made: History, lines: list[str]) -> list[CommitDiff[Row] | None]:
    return list(shared_diffs.read(opened(made), lines, Caps(), rows.make))


def branched(made: History, first: str, texts: list[Changes]) -> list[str]:
    """Commit `texts` one after the other on a branch and merge it; return what to diff."""
    lines, tip = [first], first
    for changes in texts:
        following = made.commit(changes, parents=[tip])
        lines.append(f"{following} {tip}")
        tip = following
    main = made.commit({b"main": b"1\n"}, parents=[first])
    merge = made.commit(merged(texts), parents=[main, tip])
    return [*lines, f"{main} {first}", f"{merge} {main}"]


def merged(texts: list[Changes]) -> Changes:
    return {path: content for changes in texts for path, content in changes.items()}


@pytest.mark.parametrize("block", [1, 2, 1000])
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=trees, texts=st.lists(trees, min_size=1, max_size=3), caps=caps)
def test_diffs_are_those_of_git_commit_by_commit(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    block: int,
    first: Changes,
    texts: list[Changes],
    caps: Caps,
) -> None:
    monkeypatch.setattr(shared_diffs, "BLOCK_FILES", block)
    monkeypatch.setattr(shared_diffs, "REMEMBERED_BYTES", 40 * block)
    made = history(tmp_path_factory.mktemp("source"))
    lines = branched(made, made.commit(first), texts)
    told = list(shared_diffs.read(opened(made), lines, caps, rows.make))
    assert told == list(diffs.read(opened(made), lines, caps, rows.make))


def test_a_merge_costs_no_second_diff_of_the_files_that_it_merges(
    made: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = pairs.Reader.read

    def spied(self: pairs.Reader, some: list[str]) -> list[pairs.Patch]:
        asked.extend(some)
        return plain(self, some)

    monkeypatch.setattr(pairs.Reader, "read", spied)
    monkeypatch.setattr(shared_diffs, "BLOCK_FILES", 1)
    first = made.commit({"a": "a\n", "b": "b\n"})
    diffs = read(made, branched(made, first, [{b"a": b"A\n"}, {b"b": b"B\n"}]))
    assert len(asked) == len(set(asked)) == 5  # a and b begin, a and b change, main begins
    assert [diff and diff.insertions for diff in diffs] == [2, 1, 1, 1, 2]


def test_commits_that_add_the_same_missing_file_are_both_unreadable_and_others_are_not(
    made: History,
) -> None:
    first = made.commit({"a": "1\n"})
    lost = made.commit({"lost": "gone\n", "a": "2\n"}, parents=[first])
    again = made.commit({"lost": "gone\n"}, parents=[first])
    last = made.commit({"a": "3\n"}, parents=[again])
    made.remove(made.blob("gone\n"))
    told = read(made, [first, f"{lost} {first}", f"{again} {first}", f"{last} {again}"])
    assert [diff and diff.insertions for diff in told] == [1, None, None, 1]


def test_a_missing_file_that_only_moved_leaves_a_commit_readable(made: History) -> None:
    first = made.commit({"a": "1\n2\n"})
    moved = made.commit({"a": None, "b": "1\n2\n", "c": "3\n"}, parents=[first])
    made.remove(made.blob("1\n2\n"))
    whole, diff = read(made, [first, f"{moved} {first}"])
    assert whole is None
    assert diff is not None
    assert (sorted(diff.types), diff.insertions) == (["A", "R"], 1)


def test_a_file_too_large_to_be_diffed_is_binary_though_renames_were_sought_in_it(
    made: History,
) -> None:
    lines = [f"{n}\n" for n in range(100)]
    first = made.commit({"a": "".join(lines)})
    moved = made.commit({"a": None, "b": "".join(lines[5:])}, parents=[first])
    git = replace(opened(made), settings=diffs.settings(largest_file_bytes=100))
    (diff,) = shared_diffs.read(git, [f"{moved} {first}"], Caps(), rows.make)
    assert diff is not None
    assert (diff.types, diff.binary, diff.deletions) == ("R", 1, 0)


@pytest.mark.parametrize("content", [b"spoiled", zlib.compress(b"blub 2\0002\n")])
def test_a_spoiled_file_is_unreadable_where_it_counts_and_nowhere_else(
    made: History, content: bytes
) -> None:
    first = made.commit({"a": "1\n"})
    spoiled = made.commit({"b": "2\n"}, parents=[first])
    last = made.commit({"a": "3\n"}, parents=[spoiled])
    blob = made.blob("2\n")
    path = made.path / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(content)
    told = read(made, [first, f"{spoiled} {first}", f"{last} {spoiled}"])
    assert [diff and diff.insertions for diff in told] == [1, None, 1]


def test_a_git_that_is_killed_between_two_blocks_is_started_again(made: History) -> None:
    first = made.commit({"a": "1\n"})
    second = made.commit({"a": "2\n3\n"}, parents=[first])
    git, lines = opened(made), [first, f"{second} {first}"]
    with Memory(git, Caps()) as memory:
        one, other = changed.read(git, lines, 10, rows.make)
        assert one is not None
        assert other is not None
        assert memory.fills([one])
        memory.reader.process.kill()
        memory.reader.process.wait()
        assert not memory.fills([other])
        assert memory.fills([other])
    assert (other.diff.insertions, other.diff.deletions) == (2, 1)


def test_a_git_that_was_shown_very_many_trees_is_begun_anew(
    made: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_diffs, "MOST_ASKED", 1)
    blob = made.blob("1\n")
    with Memory(opened(made), Caps()) as memory:
        first = memory.reader.process
        for name in ("120000", "100755", "100644"):
            memory.learn({f":000000 {name} {'0' * 40} {blob}": "a"})
        assert memory.reader.process is not first
        assert first.returncode is not None
        assert [patch.insertions for patch in memory.patches.values()] == [1, 1, 1]


def test_of_texts_too_long_to_be_remembered_what_was_wanted_is(
    made: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_diffs, "REMEMBERED_BYTES", 200)
    git, caps = opened(made), Caps(commit_bytes=150, file_bytes=1000)
    first = made.commit({"a": "1\n" * 300, "b": "2\n" * 300})
    with Memory(git, caps) as memory:
        (one,) = changed.read(git, [first], 10, rows.make)
        assert one is not None
        assert memory.fills([one])
        assert [len(patch.text) for patch in memory.patches.values()] == [150, 0]


def test_a_tree_that_unfolds_without_end_is_not_read_and_the_others_are(made: History) -> None:
    root = made.commit({"a": "a\n"})
    bomb = made.raw(made.bomb(6), [root], "bomb")
    lines = [root, f"{bomb} {root}", f"{root} {bomb}", root]
    git = replace(opened(made), diff_bytes=64 << 20)
    found = list(shared_diffs.read(git, lines, Caps(), rows.make))
    assert [None if one is None else one.insertions for one in found] == [1, None, None, 1]


def test_a_file_whose_lines_take_more_memory_than_a_diff_may_is_not_read(made: History) -> None:
    # git holds 44 bytes of each line.
    root = made.commit({"a": "a\n"})
    lines = made.commit({"b": "\n" * (4 << 20)}, "lines", [root])
    git = replace(opened(made), diff_bytes=64 << 20)
    asked = [root, f"{lines} {root}", root]
    found = list(shared_diffs.read(git, asked, Caps(), rows.make))
    assert [None if one is None else one.insertions for one in found] == [1, None, 1]
