from pathlib import Path

import pytest
from histories import history

from codekiln.core.git.command import Git
from codekiln.mine_commits import conflicts


@pytest.mark.parametrize("order", [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]])
def test_a_merge_that_git_cannot_read_hides_no_other(tmp_path: Path, order: list[int]) -> None:
    made = history(tmp_path)
    root = made.commit({"a": "root\n"})
    ours = made.commit({"a": "ours\n"}, "ours", [root])
    theirs = made.commit({"a": "theirs\n"}, "theirs", [root])
    texts = ("both\n", "lost\n", "theirs\n")
    merges = [made.commit({"a": text}, text, [ours, theirs]) for text in texts]
    made.remove(made.blob("lost\n"))
    git = Git(variables={"GIT_DIR": str(tmp_path)})
    assert conflicts.resolved(git, [merges[place] for place in order]) == {merges[0]}
