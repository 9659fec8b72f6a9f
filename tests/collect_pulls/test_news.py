"""What the next run reads: what changed since, and what failed for a reason that may pass."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from collecting import EVERYTHING, ROUTER, Bed, Hiding, asked_of_git, bed_of, numbers, router
from made_up_git import MadeUpGit

from codekiln.collect_pulls import details, forks
from codekiln.collect_pulls.collector import UNCHANGED
from codekiln.collect_pulls.listing import Listed
from codekiln.core.corpus.pulls import Changes
from codekiln.fake_github.faults import Faults
from codekiln.fake_github.hub import FakeGitHub
from codekiln.fake_github.latency import NO_LATENCY
from codekiln.fake_github.messages import Asked
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


def at_once(bed: Bed) -> Bed:
    """Let GitHub answer at once, so that much happens in one second of it."""
    bed.hub = FakeGitHub(bed.world, latency=NO_LATENCY, lean=True)
    return bed


def said(bed: Bed, number: int) -> str:
    """Return what was said last on a pull request, as the data has it."""
    (found,) = (pull for pull in bed.pulls(ROUTER) if pull.number == number)
    return found.comments[-1].body


class Speaker:
    """Says something on a pull request, now and half a second after a request was made."""

    def __init__(self, bed: Bed, number: int) -> None:
        self.bed, self.number = bed, number
        self.at: list[int] = []
        """The seconds in which it spoke."""

    def say(self, text: str) -> None:
        self.at.append(int(self.bed.world.now()))
        self.bed.world.comment(ROUTER, self.number, text)

    def say_after(self, path: str, *texts: str) -> None:
        """Say all of `texts` but the last as soon as `path` is asked for, that half a second on."""

        def hear(asked: Asked) -> None:
            if asked.path.endswith(path):
                self.bed.hub.before = lambda _asked: None
                for text in texts[:-1]:
                    self.say(text)
                asyncio.get_running_loop().call_later(0.5, self.say, texts[-1])

        self.bed.hub.before = hear


@pytest.mark.parametrize("place", [0, 1])
def test_what_changes_later_in_the_second_of_the_look_is_not_missed(
    tmp_path: Path, place: int
) -> None:
    bed = at_once(bed_of(tmp_path, router(60), rules=EVERYTHING))
    bed.run()
    bed.later(86400)
    first, late = (Speaker(bed, sorted(numbers(bed))[at]) for at in (0, place))
    first.say("In the second of the look")
    late.say_after("/graphql", "And later in it")
    bed.run()
    if not late.at:
        bed.later(0.5)
        late.say("And later in it")
    assert late.at == [first.at[0]]
    bed.later(3600)
    bed.run()
    assert said(bed, late.number) == "And later in it"


def test_what_changes_again_in_the_second_in_which_it_is_read_is_read_again(
    tmp_path: Path,
) -> None:
    bed = at_once(bed_of(tmp_path, router(60), rules=EVERYTHING))
    bed.run()
    bed.later(86400)
    one = Speaker(bed, min(numbers(bed)))
    one.say("Before the look")
    one.say_after("/pulls", "When the list is asked for", "And again")
    bed.run()
    if not one.at[2:]:
        bed.later(0.5)
        one.say("And again")
    assert one.at[1] == one.at[2]
    bed.later(3600)
    bed.run()
    assert said(bed, one.number) == "And again"
    asked = asked_of_git(bed)
    bed.world.comment(ROUTER, max(numbers(bed)))
    bed.run()
    assert asked_of_git(bed) == asked + 1


def test_a_change_that_a_vanished_one_has_moved_onto_a_page_that_was_read_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = bed_of(tmp_path, router(320), rules=EVERYTHING)
    bed.run()
    bed.later(86400 * 3)
    some = [bed.world.known(ROUTER).number_of(index) for index in range(100, 250)]
    for number in some:
        bed.world.comment(ROUTER, number, "News")
    bed.later(60)
    Hiding(bed, monkeypatch).hide_at(2, 248, 249)
    bed.run()
    told = {pull.number for pull in bed.pulls(ROUTER) if "News" in str(pull.comments)}
    assert told == set(some)
