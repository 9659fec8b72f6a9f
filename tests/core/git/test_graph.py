import random
import subprocess
from pathlib import Path

import pytest
from histories import History, git, history, text

from codekiln.core.git import graph
from codekiln.core.git.graph import Graph
from codekiln.core.git.repository import opened


def read(path: Path) -> Graph:
    with opened(str(path)) as repository:
        return graph.read(repository)


@pytest.fixture(scope="module")
def tangle(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Make a history of branches that merge each other in every way."""
    made = history(tmp_path_factory.mktemp("tangle"))
    tree, chance = made.tree({}), random.Random(7)  # noqa: S311 -- a tangle, not a secret
    shas = [made.raw(tree, [], "root"), made.raw(tree, [], "other root")]
    for number in range(60):
        parents = chance.sample(shas[-8:], min(len(shas), chance.choice([1, 1, 2, 2, 3])))
        shas.append(made.raw(tree, parents, f"{number}"))
    for number, sha in enumerate(shas[-6:]):
        made.ref(f"refs/heads/b{number}", sha)
    return made


def test_parents_come_before_children_and_each_commit_once(tangle: History) -> None:
    found = read(tangle.path)
    assert sorted(found.shas) == sorted(text(tangle.path, "rev-list", "--all").split())
    assert all(p < n for n, parents in enumerate(found.parents) for p in parents)


def test_merge_bases_are_among_those_git_finds(tangle: History) -> None:
    found = read(tangle.path)
    for number, parents in enumerate(found.parents):
        if len(parents) < 2:
            assert found.merge_base(number) is None
            continue
        base = found.merge_base(number)
        asked = ["merge-base", "--all", *(["--octopus"] if len(parents) > 2 else [])]
        try:
            told = git(tangle.path, *asked, *(found.shas[p] for p in parents)).decode().split()
        except subprocess.CalledProcessError:  # git says "none" by its exit code
            told = []
        assert (base is None and not told) or (base is not None and found.shas[base] in told)


def test_the_branches_that_contain_a_commit_are_those_git_names(tangle: History) -> None:
    found = read(tangle.path)
    names = [f"b{n}" for n in range(6)]
    tips = [found.numbers[text(tangle.path, "rev-parse", name)] for name in names]
    masks = found.containing(tips)
    for number, sha in list(enumerate(found.shas))[::7]:
        told = text(tangle.path, "branch", "--format=%(refname:short)", "--contains", sha)
        assert [n for bit, n in enumerate(names) if masks[number] >> bit & 1] == told.split()


def test_missing_commits_bound_the_history_and_the_rest_is_read(tmp_path: Path) -> None:
    made = history(tmp_path)
    tree = made.tree({})
    root = made.raw(tree, [], "root")
    lost = made.raw(tree, [root], "lost")
    left, right = (made.raw(tree, [lost], name) for name in ("left", "right"))
    top = made.raw(tree, [left, right], "top")
    made.ref("refs/heads/main", top)
    made.remove(lost)
    found = read(tmp_path)
    assert {found.shas[n] for n in found.boundary} == {left, right}
    assert sorted(found.shas) == sorted([left, right, top])


def test_times_that_are_no_times_do_not_stop_the_reading(tmp_path: Path) -> None:
    made = history(tmp_path)
    tip: list[str] = []
    for stamp in (b"A <a> 18446744073709551615 +0000", b"A <a> -5 +0000", b"A", b"A <a> x"):
        tip = [made.commit({}, "x", tip, committer=stamp)]
    made.ref("refs/heads/main", tip[0])
    assert len(read(tmp_path)) == 4
