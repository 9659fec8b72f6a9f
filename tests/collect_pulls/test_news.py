"""What the next run reads: what changed since, and what failed for a reason that may pass."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from collecting import EVERYTHING, ROUTER, asked_of_git, bed_of, router
from made_up_git import MadeUpGit

from codekiln.collect_pulls import details, forks
from codekiln.collect_pulls.collector import UNCHANGED
from codekiln.collect_pulls.listing import Listed
from codekiln.core.corpus.pulls import Changes
from codekiln.fake_github.faults import Faults
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


def test_news_are_read_alone(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(), rules=EVERYTHING)
    bed.run()
    before = {pull.number: pull for pull in bed.pulls(ROUTER)}
    bed.later(86400 * 3)
    old = min(before)
    bed.world.comment(ROUTER, old, "What became of this?")
    new = bed.world.open_pull(ROUTER, "A new one")
    asked = asked_of_git(bed)
    outcome = bed.run()
    after = {pull.number: pull for pull in bed.pulls(ROUTER)}
    assert after.keys() - before.keys() == {new}
    assert {n for n in before if after[n] != before[n]} == {old}
    assert after[old].comments[-1].body == "What became of this?"
    assert outcome.sums.unaccounted == 0
    assert bed.usage.total <= 7
    assert asked_of_git(bed) - asked == 2


def test_changes_of_the_overlap_are_read_again_but_not_examined_again(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(60), rules=EVERYTHING, overlap=timedelta(days=10_000))
    bed.run()
    bed.later(86400)
    bed.world.open_pull(ROUTER, "A new one")
    before = asked_of_git(bed)
    bed.run()
    assert asked_of_git(bed) == before + 1


def test_what_failed_for_a_reason_that_may_pass_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(details, "ROUNDS", 1)
    bed = bed_of(tmp_path, router(60), rules=EVERYTHING)
    bed.faults.rules = Faults.parse("partial@1-1000:graphql").rules
    failed = bed.run().sums.failed
    assert failed.keys() == {"unanswered"}
    bed.faults.rules = ()
    outcome = bed.run()
    assert (outcome.sums.failed, outcome.sums.collected) == ({}, 60)
    assert bed.run().repositories == {UNCHANGED: 1}
