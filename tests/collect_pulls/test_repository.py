"""What a run leaves of one repository, from a made-up GitHub, in virtual time."""

from pathlib import Path

from collecting import EVERYTHING, ROUTER, bed_of, numbers, router
from made_up_git import MadeUpGit

from codekiln.collect_pulls import filters
from codekiln.collect_pulls.collector import DONE, UNCHANGED
from codekiln.collect_pulls.filters import Rules
from codekiln.core.corpus import pulls
from codekiln.fake_github.specs import RepositorySpec


def test_every_pull_request_is_in_the_ledger_once_and_the_sums_agree(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(), RepositorySpec("acme/cache", pulls=3))
    outcome = bed.run()
    rows = bed.ledger(ROUTER)
    assert [row.number for row in rows] == sorted(numbers(bed))
    collected = [row.number for row in rows if row.outcome == pulls.COLLECTED]
    assert [pull.number for pull in bed.pulls(ROUTER)] == collected
    assert (outcome.sums.total, outcome.sums.unaccounted, outcome.sums.beyond) == (253, 0, 0)
    assert outcome.sums.filtered[filters.NOT_MERGED] > 10
    assert outcome.repositories == {DONE: 2}


def test_a_record_holds_what_all_sources_tell(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(120), rules=EVERYTHING)
    bed.run()
    found = bed.pulls(ROUTER)
    assert len(found) == 120
    assert {one.repository for one in found} == {ROUTER}
    assert {one.license for one in found} == {"MIT"}
    for some in ("labels", "comments", "reviews", "review_comments", "ci_state", "body"):
        assert any(getattr(one, some) for one in found), some
    assert {one.state for one in found} == {"open", "closed", "merged"}
    assert all(one.merge_base and one.commits and one.files for one in found)


def test_a_pull_request_that_no_longer_passes_leaves_the_records(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(60), rules=Rules(merged_only=False))
    bed.run()
    found = next(one for one in bed.pulls(ROUTER) if one.state == "open")
    bed.later(86400)
    bed.world.force_push(ROUTER, found.number)
    assert isinstance(bed.git, MadeUpGit)
    bed.git.gone.add(found.number)
    outcome = bed.run()
    assert found.number not in {one.number for one in bed.pulls(ROUTER)}
    assert outcome.sums.failed == {"head is gone": 1}
    assert outcome.sums.collected == len(bed.pulls(ROUTER))


def test_what_git_cannot_give_fails_alone_and_by_name(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(60), rules=EVERYTHING)
    assert isinstance(bed.git, MadeUpGit)
    bed.git.gone = set(sorted(numbers(bed))[10:13])
    outcome = bed.run()
    assert outcome.sums.failed == {"head is gone": 3}
    assert (outcome.sums.collected, outcome.sums.unaccounted) == (57, 0)
    assert bed.run().repositories == {UNCHANGED: 1}


def test_a_repository_without_pull_requests_is_done_with_one_look(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(0))
    assert bed.run().sums.total == 0
    assert bed.run().repositories == {UNCHANGED: 1}


def test_the_first_pull_requests_of_a_repository_are_collected(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(0), rules=EVERYTHING)
    bed.run()
    bed.later(3600)
    bed.world.open_pull(ROUTER, "The first")
    bed.later(3600)
    outcome = bed.run()
    assert (outcome.sums.collected, outcome.sums.unaccounted) == (1, 0)
    assert bed.run().repositories == {UNCHANGED: 1}
