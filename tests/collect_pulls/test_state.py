import json
from dataclasses import replace
from datetime import timedelta

from listed_pulls import START

from codekiln.collect_pulls import state
from codekiln.collect_pulls.looking import Look
from codekiln.collect_pulls.state import Place, State, Walked
from codekiln.core.corpus.ledger import Sums

LOOK = Look(name="acme/router", total=10, updated_at=START)
FLOOR = Place(START, 4)


def walked_to(floor: Place | None, held: State, **more: object) -> State:
    told = {"rows": 3, "passed": 2, "missing": 0, "at_end": False, **more}
    return state.walked(held, Walked(above=held.floor, floor=floor, **told))  # type: ignore[arg-type]


def begun(held: State, rules: str = "r") -> State:
    return state.begun(held, LOOK, "MIT", rules)


def test_a_state_comes_back_from_json_as_it_was() -> None:
    sums = Sums(total=10, collected=2, filtered={"bot": 1}, beyond=7)
    held = replace(walked_to(FLOOR, begun(State())), sums=sums, retry=(9, 3), seen_to=START)
    assert state.from_json(json.loads(json.dumps(state.to_json(held)))) == held
    assert state.from_json({}) == State()


def test_a_window_grows_downwards_and_knows_what_it_holds() -> None:
    held = walked_to(FLOOR, begun(State()))
    assert held.holds(Place(START, 4))
    assert held.holds(Place(START + timedelta(days=1), 1))
    assert not held.holds(Place(START, 3))
    assert (held.walked, held.passed, held.at_end) == (3, 2, False)


def test_a_stretch_that_begins_elsewhere_changes_nothing() -> None:
    held = walked_to(FLOOR, begun(State()))
    late = Walked(above=None, floor=Place(START, 2), rows=9, passed=9, missing=0, at_end=True)
    assert state.walked(held, late) == held


def test_other_rules_walk_the_window_anew_and_keep_what_is_in_the_ledger() -> None:
    sums = Sums(total=10, collected=3)
    held = replace(walked_to(FLOOR, begun(State())), sums=sums, seen_to=START)
    again = begun(held, rules="others")
    assert (again.floor, again.walked, again.passed, again.at_end) == (None, 0, 0, False)
    assert (again.sums.collected, again.seen_to) == (3, START)


def test_what_lies_below_a_finished_window_is_beyond_the_cap() -> None:
    part = replace(walked_to(FLOOR, begun(State()), missing=1), sums=Sums(total=10, collected=3))
    assert state.settled(part).sums.beyond == 0
    whole = state.finished(part)
    assert (whole.sums.beyond, whole.sums.unaccounted) == (6, 1)
    to_end = state.finished(replace(part, at_end=True))
    assert (to_end.sums.beyond, to_end.sums.unaccounted) == (0, 7)


def test_a_larger_cap_asks_for_depth_unless_the_line_is_at_its_end() -> None:
    held = walked_to(FLOOR, begun(State()))
    assert held.needs_depth(3)
    assert held.needs_depth(0)
    assert not held.needs_depth(2)
    assert not replace(held, at_end=True).needs_depth(0)


def test_a_repository_is_current_only_if_nothing_asks_for_work() -> None:
    held = state.refreshed(walked_to(FLOOR, begun(State())), LOOK, None)
    held = state.finished(held)
    assert held.is_current(LOOK, "r", 2)
    assert not held.is_current(LOOK, "r", 3)
    assert not held.is_current(LOOK, "others", 2)
    assert not held.is_current(replace(LOOK, total=11), "r", 2)
    assert not held.is_current(replace(LOOK, updated_at=START + timedelta(1)), "r", 2)
    assert not held.is_current(replace(LOOK, name="acme/switch"), "r", 2)
    assert not replace(held, retry=(3,)).is_current(LOOK, "r", 2)
    assert not replace(held, complete=False).is_current(LOOK, "r", 2)


def test_of_two_runs_that_read_news_at_once_the_earlier_moment_counts() -> None:
    later = START + timedelta(days=2)
    ours = replace(LOOK, updated_at=START + timedelta(days=1))
    assert state.refreshed(State(seen_to=START), ours, START).seen_to == ours.updated_at
    assert state.refreshed(State(seen_to=later), ours, START).seen_to == ours.updated_at
    early = START + timedelta(hours=1)
    assert state.refreshed(State(seen_to=early), ours, START).seen_to == early


def test_a_repository_that_vanished_keeps_what_was_collected_and_owes_nothing() -> None:
    held = replace(begun(State()), sums=Sums(total=10, collected=3, filtered={"bot": 1}))
    gone = state.vanished(held, "blocked", "acme/router")
    assert (gone.gone, gone.sums.total, gone.sums.unaccounted) == ("blocked", 4, 0)
    assert not gone.is_current(LOOK, "r", 2)
    assert state.vanished(State(), "vanished", "a/b").name == "a/b"


def ended(held: State) -> State:
    """Return `held` after a run that walked to the end of the line and met 3 of 10."""
    part = walked_to(FLOOR, begun(held), at_end=True)
    seen = state.refreshed(replace(part, sums=replace(part.sums, collected=3)), LOOK, part.seen_to)
    return state.finished(seen)


def test_what_a_walk_to_the_end_did_not_meet_is_looked_for_once_more() -> None:
    once = ended(State())
    assert (once.sums.unaccounted, once.is_current(LOOK, "r", 0)) == (7, False)
    twice = ended(once)
    assert (begun(once).floor, twice.hidden) == (None, 7)
    assert twice.is_current(LOOK, "r", 0)
    assert begun(twice).floor == FLOOR


def test_more_holes_than_were_looked_for_ask_for_another_walk() -> None:
    twice = ended(ended(State()))
    assert not replace(twice, hidden=6).is_current(LOOK, "r", 0)
    less = replace(twice, complete=False, sums=replace(twice.sums, collected=8))
    assert state.finished(less).hidden == 2


def test_an_entry_that_tells_of_no_hidden_ones_is_read() -> None:
    told = state.to_json(State(name="acme/router"))
    del told["hidden"]
    assert state.from_json(told) == State(name="acme/router")


def test_a_repository_that_had_none_walks_to_its_first_ones() -> None:
    none = replace(LOOK, total=0, updated_at=None)
    empty = state.finished(replace(state.begun(State(), none, "MIT", "r"), at_end=True))
    assert empty.is_current(none, "r", 0)
    assert not begun(empty).at_end
    assert not begun(state.unfinished(empty, LOOK)).at_end
    assert not begun(state.vanished(empty, "vanished", "a/b")).at_end


def test_one_that_failed_owes_what_came_and_keeps_what_lay_beyond_the_cap() -> None:
    part = replace(walked_to(FLOOR, begun(State())), sums=Sums(total=10, collected=3))
    whole = state.finished(part)
    failed = state.unfinished(whole, replace(LOOK, total=14))
    assert (failed.complete, failed.sums.beyond, failed.sums.unaccounted) == (False, 7, 4)
    assert state.unfinished(whole, None).sums == whole.sums
