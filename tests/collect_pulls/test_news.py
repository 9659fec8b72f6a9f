"""What the next run does about failures that may pass."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from collecting import EVERYTHING, MadeUpGit, bed_of

from codekiln.collect_pulls import forks
from codekiln.collect_pulls.listing import Listed
from codekiln.core.corpus.pulls import Changes
from codekiln.fake_github.specs import RepositorySpec


class SickGit(MadeUpGit):
    """Gives nothing for `reason`, as long as there is one."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    async def changes(self, wanted: Sequence[Listed]) -> Mapping[int, Changes | str]:
        if self.reason:
            return {one.number: self.reason for one in wanted}
        return await super().changes(wanted)


@pytest.mark.parametrize("reason", [forks.REPOSITORY_GONE, forks.UNREADABLE])
def test_what_git_did_not_give_is_asked_for_again(tmp_path: Path, reason: str) -> None:
    git = SickGit(reason)
    bed = bed_of(tmp_path, RepositorySpec("acme/router", pulls=30), rules=EVERYTHING, git=git)
    assert bed.run().sums.failed == {reason: 30}
    git.reason = ""
    sums = bed.run().sums
    assert (sums.collected, sums.failed) == (30, {})
