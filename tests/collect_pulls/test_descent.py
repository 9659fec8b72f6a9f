"""How deep a window goes, and what pages that move while they are read do to it."""

from pathlib import Path

import pytest
from collecting import EVERYTHING, ROUTER, Hiding, asked_of_git, bed_of, numbers, router

from codekiln.collect_pulls.collector import UNCHANGED
from codekiln.collect_pulls.filters import Rules


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
    assert asked_of_git(grown) == 50
    grown.run(cap=300)
    assert asked_of_git(grown) == 300
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


@pytest.mark.parametrize("cap", [0, 250])
def test_a_row_that_a_vanished_one_has_moved_onto_a_page_that_was_read_is_not_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: int
) -> None:
    bed = bed_of(tmp_path, router(320), rules=EVERYTHING, cap=cap)
    Hiding(bed, monkeypatch).hide_at(2, 300, 301)
    bed.run()
    rows = [row.number for row in bed.ledger(ROUTER)]
    assert rows == sorted(numbers(bed))[-len(rows) :]
    assert len(rows) == (cap or 320)


def test_a_row_that_was_not_listed_is_found_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = bed_of(tmp_path, router(320), rules=EVERYTHING)
    listing = Hiding(bed, monkeypatch)
    listing.hidden.add(200)
    assert bed.run().sums.unaccounted == 1
    asked = asked_of_git(bed)
    listing.hidden.clear()
    bed.later(3600)
    bed.world.comment(ROUTER, max(numbers(bed)))
    assert bed.run().sums.unaccounted == 0
    assert asked_of_git(bed) - asked == 2
    assert bed.run().repositories == {UNCHANGED: 1}
