from pathlib import Path

import pytest
from histories import History, git, history, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekiln.core.errors import InputError
from codekiln.core.git import ancestry
from codekiln.core.git.ancestry import Ancestry
from codekiln.core.git.command import Git

Shape = list[tuple[list[int], int]]
"""For each commit its parents, as steps back, and its time."""

shapes: st.SearchStrategy[Shape] = st.lists(
    st.tuples(st.lists(st.integers(1, 6), max_size=3, unique=True), st.integers(1, 4)),
    min_size=2,
    max_size=20,
)


def built(path: Path, shape: Shape) -> list[str]:
    """Make a history of this shape; return its commits."""
    made = history(path)
    stream = []
    for mark, (back, time) in enumerate(shape, start=1):
        parents = [mark - step for step in back if mark > step]
        stream.append(f"commit refs/tips/{mark}\nmark :{mark}\ncommitter A <a@b> {time} +0000\n")
        stream.append(f"data {len(str(mark))}\n{mark}\n")
        stream += [f"{'merge' if n else 'from'} :{parent}\n" for n, parent in enumerate(parents)]
    git(made.path, "fast-import", "--quiet", given="".join(stream).encode())
    return [text(made.path, "rev-parse", f"refs/tips/{n + 1}") for n in range(len(shape))]


def of(path: Path) -> Git:
    return Git(variables={"GIT_DIR": str(path)})


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=shapes,
    pairs=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), min_size=4, max_size=4),
    cut=st.integers(0, 19),
    is_aligned=st.booleans(),
)
def test_merge_bases_and_own_commits_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    shape: Shape,
    pairs: list[tuple[int, int]],
    cut: int,
    is_aligned: bool,
) -> None:
    path = tmp_path_factory.mktemp("dag")
    commits = built(path, shape)
    monkeypatch.setattr(ancestry, "MOST_TIPS", 2)
    known = Ancestry()
    known.read(of(path), commits[: cut % len(commits) + 1])
    known.read(of(path), commits)
    chosen = [(commits[a % len(commits)], commits[b % len(commits)]) for a, b in pairs]
    if is_aligned:
        known.align(base for base, _ in chosen)
    for base, head in chosen:
        fork = known.fork(base, head)
        named = git_merge_base(path, base, head)
        assert fork.merge_base == named
        assert set(fork.commits) == set(text(path, "rev-list", f"{base}..{head}").split())
        assert len(set(fork.commits)) == len(fork.commits)


def git_merge_base(path: Path, base: str, head: str) -> str:
    """Return the first merge base that git names, "" if there is none."""
    done = of(path).attempt("merge-base", base, head)
    return done.stdout.decode().strip()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=shapes, first=st.integers(0, 19))
def test_own_commits_come_in_one_order_however_the_history_was_read(
    tmp_path_factory: pytest.TempPathFactory, shape: Shape, first: int
) -> None:
    path = tmp_path_factory.mktemp("dag")
    commits = built(path, shape)
    base, head = commits[0], commits[-1]
    one, other = Ancestry(), Ancestry()
    one.read(of(path), [base, head])
    other.read(of(path), [commits[first % len(commits)], base])
    other.read(of(path), [head])
    assert one.fork(base, head) == other.fork(base, head)
    place = {sha: n for n, sha in enumerate(one.fork(base, head).commits)}
    for sha in place:
        above = text(path, "rev-parse", f"{sha}^@").split()
        assert all(place[parent] < place[sha] for parent in above if parent in place)


def line_with_branch(made: History) -> tuple[list[str], str]:
    tip, line = list[str](), list[str]()
    for number in range(6):
        tip = [made.commit({"a": str(number)}, f"m{number}", tip)]
        line += tip
    return line, made.commit({"b": "x"}, "head", [line[2]])


def test_a_base_on_the_line_needs_no_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = history(tmp_path)
    line, head = line_with_branch(made)
    known = Ancestry()
    known.read(of(tmp_path), [line[-1], head])
    known.align([line[-1], line[4]])
    monkeypatch.setattr(known, "painted", None)
    assert known.fork(line[4], head).merge_base == line[2]
    assert known.fork(line[1], head).commits == [line[2], head]


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    made = history(tmp_path)
    line, head = line_with_branch(made)
    known = Ancestry()
    known.read(of(tmp_path), line[:3])
    known.read(of(tmp_path), [*line, head])
    assert len(known.shas) == len(set(known.shas)) == 7
    assert set(known.tips) <= {line[-1], head}
    known.read(Git(variables={"GIT_DIR": "/nowhere"}), line)
    assert line[3] in known


def test_a_commit_that_is_not_there_leaves_what_is_known_as_it_was(tmp_path: Path) -> None:
    made = history(tmp_path)
    line, _ = line_with_branch(made)
    known = Ancestry()
    known.read(of(tmp_path), line[:2])
    with pytest.raises(InputError):
        known.read(of(tmp_path), [line[3], "1" * 40])
    assert len(known.shas) == 2
    known.read(of(tmp_path), [line[3]])
    assert known.fork(line[1], line[3]).commits == line[2:4]
