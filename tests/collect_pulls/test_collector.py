"""What becomes of each of many repositories: whole runs against a made-up GitHub."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from collecting import EVERYTHING, ROUTER, bed_of, router

from codekiln.collect_pulls import collector, holes
from codekiln.collect_pulls.collector import DONE, FAILED, GONE, UNCHANGED
from codekiln.core.errors import InputError, ServiceError
from codekiln.fake_github.faults import Faults
from codekiln.fake_github.specs import RepositorySpec


def test_a_run_without_news_costs_one_look_and_makes_no_version(tmp_path: Path) -> None:
    specs = [RepositorySpec(f"acme/r{n}", pulls=5) for n in range(130)]
    bed = bed_of(tmp_path, *specs, commit_s=60)
    first = bed.run()
    again = bed.run()
    assert bed.usage.calls == {"graphql": 2}
    assert again.repositories == {UNCHANGED: 130}
    assert again.version == first.version
    assert again.sums == first.sums


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
