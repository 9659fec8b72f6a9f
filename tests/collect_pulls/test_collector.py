"""Whole runs against a made-up GitHub, in virtual time."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from collecting import EVERYTHING, Bed, MadeUpGit, bed_of

from codekiln.collect_pulls import collector, details, filters, holes
from codekiln.collect_pulls.collector import DONE, FAILED, GONE, UNCHANGED
from codekiln.collect_pulls.filters import Rules
from codekiln.core.corpus import pulls
from codekiln.core.errors import InputError, ServiceError
from codekiln.fake_github import orders
from codekiln.fake_github.faults import Faults
from codekiln.fake_github.messages import Asked
from codekiln.fake_github.specs import RepositorySpec

ROUTER = "acme/router"


def router(count: int = 250, **more: object) -> RepositorySpec:
    return RepositorySpec(ROUTER, pulls=count, **more)  # type: ignore[arg-type]


def numbers(bed: Bed, name: str = ROUTER) -> set[int]:
    found = bed.world.known(name)
    return {found.number_of(index) for index in range(found.spec.pulls)}


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


def test_a_run_without_news_costs_one_look_and_makes_no_version(tmp_path: Path) -> None:
    specs = [RepositorySpec(f"acme/r{n}", pulls=5) for n in range(130)]
    bed = bed_of(tmp_path, *specs, commit_s=60)
    first = bed.run()
    again = bed.run()
    assert bed.usage.calls == {"graphql": 2}
    assert again.repositories == {UNCHANGED: 130}
    assert again.version == first.version
    assert again.sums == first.sums


def test_news_are_read_alone(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(), rules=EVERYTHING)
    bed.run()
    before = {pull.number: pull for pull in bed.pulls(ROUTER)}
    bed.later(86400 * 3)
    old = min(before)
    bed.world.comment(ROUTER, old, "What became of this?")
    new = bed.world.open_pull(ROUTER, "A new one")
    asked = bed.git.asked if isinstance(bed.git, MadeUpGit) else 0
    outcome = bed.run()
    after = {pull.number: pull for pull in bed.pulls(ROUTER)}
    assert after.keys() - before.keys() == {new}
    assert {n for n in before if after[n] != before[n]} == {old}
    assert after[old].comments[-1].body == "What became of this?"
    assert outcome.sums.unaccounted == 0
    assert bed.usage.total <= 7
    assert isinstance(bed.git, MadeUpGit)
    assert bed.git.asked - asked == 2


def test_the_newest_that_pass_count_towards_the_cap_and_the_rest_is_beyond(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(), cap=50)
    outcome = bed.run()
    state = bed.state(ROUTER)
    assert state.passed == 50
    listed = sorted(numbers(bed), reverse=True)[: outcome.sums.listed]
    assert [row.number for row in bed.ledger(ROUTER)] == sorted(listed)
    assert outcome.sums.beyond == 250 - outcome.sums.listed > 0
    assert outcome.sums.unaccounted == 0


def test_a_larger_cap_brings_the_rest_alone_and_ends_as_if_it_had_been_there(
    tmp_path: Path,
) -> None:
    grown = bed_of(tmp_path / "a", router(700), cap=50)
    grown.run()
    before = grown.usage.total
    git = grown.git
    assert isinstance(git, MadeUpGit)
    assert git.asked == 50
    grown.run(cap=300)
    assert git.asked == 300
    direct = bed_of(tmp_path / "b", router(700), cap=300)
    direct.run()
    assert grown.entries() == direct.entries()
    assert before <= 6


def test_other_filters_look_again_at_what_was_left_out(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router())
    bed.run()
    kept = {pull.number: pull for pull in bed.pulls(ROUTER)}
    outcome = bed.run(rules=EVERYTHING)
    after = {pull.number: pull for pull in bed.pulls(ROUTER)}
    assert after.keys() == numbers(bed)
    assert {n: after[n] for n in kept} == kept
    assert outcome.sums.filtered == {}
    assert outcome.sums.unaccounted == 0
    assert bed.run(rules=EVERYTHING).repositories == {UNCHANGED: 1}


def test_stricter_filters_do_not_take_out_what_was_collected(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(), rules=EVERYTHING, cap=100)
    bed.run()
    outcome = bed.run(rules=Rules())
    assert outcome.sums.unaccounted == 0
    assert {100} <= {len(bed.pulls(ROUTER))}


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


def test_rows_that_come_on_top_while_pages_are_read_lose_and_double_nothing(
    tmp_path: Path,
) -> None:
    bed = bed_of(tmp_path, router(520), rules=EVERYTHING)
    there = numbers(bed)
    bed.later(60)

    def more(asked: object) -> None:
        if getattr(asked, "path", "").endswith("/pulls"):
            for _ in range(7):
                bed.world.open_pull(ROUTER, "Late")

    bed.hub.before = more
    outcome = bed.run()
    bed.hub.before = lambda _asked: None
    assert {row.number for row in bed.ledger(ROUTER)} == there
    assert (outcome.sums.total, outcome.sums.unaccounted) == (520, 0)
    bed.later(3600)
    outcome = bed.run()
    assert outcome.sums.total == len(bed.ledger(ROUTER)) > 550
    assert outcome.sums.unaccounted == 0


def test_a_row_that_a_vanished_one_has_moved_out_of_sight_is_found_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = bed_of(tmp_path, router(320), rules=EVERYTHING)
    hidden: set[int] = set()
    whole = orders.listed

    def visible(*told: Any, **more: Any) -> list[int]:
        return [index for index in whole(*told, **more) if index not in hidden]

    def hide(asked: Asked) -> None:
        if asked.params.get("page") == "2" and asked.path.endswith("/pulls"):
            hidden.add(300)

    monkeypatch.setattr(orders, "listed", visible)
    bed.hub.before = hide
    assert bed.run().sums.unaccounted == 1
    asked = asked_of_git(bed)
    bed.later(3600)
    bed.world.comment(ROUTER, max(numbers(bed)))
    assert bed.run().sums.unaccounted == 0
    assert asked_of_git(bed) - asked == 2
    assert bed.run().repositories == {UNCHANGED: 1}


def asked_of_git(bed: Bed) -> int:
    assert isinstance(bed.git, MadeUpGit)
    return bed.git.asked


def test_a_renamed_repository_goes_on_under_its_new_name(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(120))
    bed.run()
    bed.world.rename(ROUTER, "acme/switch")
    bed.later(86400)
    bed.world.open_pull("acme/switch", "After the move")
    bed.run()
    state = bed.state("acme/switch")
    assert state.name == "acme/switch"
    assert not bed.paths("acme/router")
    assert state.sums.unaccounted == 0


def test_a_repository_renamed_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(350), rules=EVERYTHING)
    asked = 0

    def rename(_asked: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 6:
            bed.world.rename(ROUTER, "acme/switch")

    bed.hub.before = rename
    outcome = bed.run()
    assert len(bed.ledger("acme/switch")) == 350
    assert outcome.sums.unaccounted == 0


@pytest.mark.parametrize(("how", "reason"), [("deleted", "vanished"), ("dmca", "blocked")])
def test_a_repository_that_goes_away_keeps_what_was_collected(
    tmp_path: Path, how: str, reason: str
) -> None:
    bed = bed_of(tmp_path, router(120), RepositorySpec("acme/cache", pulls=30))
    bed.run()
    kept = bed.pulls(ROUTER)
    key = bed.world.known(ROUTER).node_id
    bed.world.delete(ROUTER, how)
    outcome = bed.run()
    assert outcome.repositories == {UNCHANGED: 1, GONE: 1}
    assert outcome.sums.unaccounted == 0
    entry = bed.entries()[key]
    assert entry.state["gone"] in (reason, "vanished")
    assert len(kept) == entry.state["ledger"]["collected"]
    again = bed.run()
    assert (again.version, bed.usage.total) == (outcome.version, 1)


def test_a_repository_that_goes_away_while_it_is_read_is_told_so(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(350), RepositorySpec("acme/cache", pulls=30))
    key = bed.world.known(ROUTER).node_id
    asked = 0

    def delete(_asked: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 8:
            bed.world.delete(ROUTER)

    bed.hub.before = delete
    outcome = bed.run()
    assert outcome.repositories == {DONE: 1, GONE: 1}
    assert bed.entries()[key].state["gone"] == "vanished"
    assert outcome.sums.unaccounted == 0


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


def test_changes_of_the_overlap_are_read_again_but_not_examined_again(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(60), rules=EVERYTHING, overlap=timedelta(days=10_000))
    bed.run()
    bed.later(86400)
    bed.world.open_pull(ROUTER, "A new one")
    assert isinstance(bed.git, MadeUpGit)
    before = bed.git.asked
    bed.run()
    assert bed.git.asked == before + 1


def test_a_repository_that_github_cannot_answer_for_is_left_for_the_next_run(
    tmp_path: Path,
) -> None:
    bed = bed_of(tmp_path, router(60), RepositorySpec("acme/cache", pulls=30))
    bed.faults.rules = bed.faults.parse("500@1-100000:router").rules
    outcome = bed.run()
    assert outcome.repositories == {DONE: 1, FAILED: 1}
    bed.faults.rules = ()
    outcome = bed.run()
    assert outcome.repositories == {DONE: 1, UNCHANGED: 1}
    assert (outcome.sums.total, outcome.sums.unaccounted) == (90, 0)


def test_a_run_in_which_no_repository_could_be_read_fails(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(60), RepositorySpec("acme/cache", pulls=30))
    bed.faults.rules = Faults.parse("500@1-100000:rest").rules
    with pytest.raises(ServiceError, match="does not answer"):
        bed.run()


def test_a_part_without_repositories_ends_green_at_once(tmp_path: Path) -> None:
    bed = bed_of(tmp_path)
    outcome = bed.run()
    assert (outcome.sums.total, outcome.repositories, bed.usage.total) == (0, {}, 0)


def test_a_token_that_is_refused_in_the_midst_of_a_run_ends_it_with_one_line(
    tmp_path: Path,
) -> None:
    bed = bed_of(tmp_path, *(RepositorySpec(f"acme/r{n}", pulls=120) for n in range(9)))
    asked = 0

    def revoke(_asked: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 9:
            bed.hub.revoked.add("ghp_made_up")

    bed.hub.before = revoke
    with pytest.raises(InputError, match="token"):
        bed.run()
    bed.hub.revoked.clear()
    outcome = bed.run()
    assert (outcome.sums.total, outcome.sums.unaccounted) == (9 * 120, 0)


def test_a_repository_that_comes_back_is_collected_again(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(60), rules=EVERYTHING)
    bed.run()
    bed.world.delete(ROUTER)
    assert bed.run().repositories == {GONE: 1}
    bed.world.known(ROUTER).gone = ""
    outcome = bed.run()
    assert outcome.repositories == {DONE: 1}
    assert (outcome.sums.total, outcome.sums.unaccounted, bed.state(ROUTER).gone) == (60, 0, "")


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


def test_one_that_fails_after_it_was_whole_counts_as_not_finished(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(60), RepositorySpec("acme/cache", pulls=3), rules=EVERYTHING)
    bed.run()
    bed.later(86400)
    for _ in range(40):
        bed.world.open_pull(ROUTER, "A new one")
    bed.later(60)
    bed.faults.rules = Faults.parse("500@1-100000:router").rules
    outcome = bed.run()
    assert outcome.repositories == {UNCHANGED: 1, FAILED: 1}
    assert (outcome.sums.total, outcome.sums.unaccounted) == (103, 40)
    assert not bed.state(ROUTER).complete
    bed.faults.rules = ()
    assert bed.run().sums.unaccounted == 0
    assert bed.state(ROUTER).complete


async def unanswered(
    _github: object, ids: Sequence[str], _size: object
) -> AsyncIterator[tuple[str, str]]:
    for one in ids:
        yield one, holes.UNANSWERED


def test_a_run_in_which_no_look_was_answered_fails_and_says_so_in_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = bed_of(tmp_path, router(20), rules=EVERYTHING)
    bed.run()
    monkeypatch.setattr(collector, "looks", unanswered)
    with pytest.raises(ServiceError, match="no answer"):
        bed.run()
    monkeypatch.undo()
    assert not bed.state(ROUTER).complete
    assert bed.run().repositories == {DONE: 1}
    assert bed.state(ROUTER).complete


def test_the_first_pull_requests_of_a_repository_are_collected(tmp_path: Path) -> None:
    bed = bed_of(tmp_path, router(0), rules=EVERYTHING)
    bed.run()
    bed.later(3600)
    bed.world.open_pull(ROUTER, "The first")
    bed.later(3600)
    outcome = bed.run()
    assert (outcome.sums.collected, outcome.sums.unaccounted) == (1, 0)
    assert bed.run().repositories == {UNCHANGED: 1}
