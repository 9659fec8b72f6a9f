"""The life of a collection: kills, news, renames, other caps and filters, in any order."""

import random
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from collecting import EVERYTHING, Bed, bed_of
from killing import in_child, killed_at

from codekiln.collect_pulls.filters import Rules
from codekiln.core.corpus.pulls import PullRequest
from codekiln.fake_github.specs import RepositorySpec

RULES = (Rules(), EVERYTHING, Rules(merged_only=False))


def something_happens(bed: Bed, dice: random.Random) -> None:
    """Let an hour to some days pass, and the repository change."""
    bed.later(dice.choice((3600, 86_400, 5 * 86_400)))
    (found,) = bed.world
    numbers = [found.number_of(index) for index in range(len(found.timeline))]
    for _ in range(dice.randint(0, 4)):
        kind = dice.choice(("open", "comment", "merge", "push", "rename"))
        number = dice.choice(numbers)
        if kind == "open":
            bed.world.open_pull(found.name, "News")
        elif kind == "comment":
            bed.world.comment(found.name, number)
        elif kind == "push":
            bed.world.force_push(found.name, number)
        elif kind == "rename":
            bed.world.rename(found.name, f"acme/router-{dice.randint(0, 999)}")
        elif found.state(bed.world.index_of(found, number)) == "OPEN":
            bed.world.merge(found.name, number)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_came_before_the_data_are_those_of_a_fresh_collection(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 -- repeats with its seed
    bed = bed_of(tmp_path / "old", RepositorySpec("acme/router", pulls=320), cap=30)
    for _ in range(7):
        bed.cap, bed.rules = dice.choice((30, 80, 150, 0)), dice.choice(RULES)
        bed.commit_s = dice.choice((0, 60))
        if dice.random() < 0.6:
            assert in_child(killed_at(bed, dice.randint(2, 9))) in (0, signal.SIGKILL)
        else:
            bed.run()
        something_happens(bed, dice)
    bed.cap, bed.rules = 120, RULES[seed % 3]
    outcome = bed.run()
    fresh = replace(bed, folder=tmp_path / "fresh")
    fresh.hub = bed.hub
    fresh.run()
    name = next(iter(bed.world)).name
    held = {row.number: row for row in bed.ledger(name)}
    wanted = {row.number: row for row in fresh.ledger(name)}
    old, new = ({one.number: one for one in each.pulls(name)} for each in (bed, fresh))
    assert outcome.sums.unaccounted == 0
    assert (outcome.sums.listed, outcome.sums.collected) == (len(held), len(old))
    # Those that came under laxer filters stay, and count: the window need not be as deep.
    assert all(number < min(held) for number in wanted.keys() - held.keys())
    assert bed.state(name).passed >= 120 or bed.state(name).at_end
    both = wanted.keys() & held.keys()
    assert all(held[n] == wanted[n] for n in both if (n in old) == (n in new))
    for number in new.keys() & both:
        was, now = with_name(old[number], name), new[number]
        differ = [field for field in was.__slots__ if getattr(was, field) != getattr(now, field)]
        assert differ == [], f"{number}: {differ}"


def with_name(pull: PullRequest, name: str) -> PullRequest:
    """Return `pull` as if its repository had always been called `name`."""
    issues = tuple(replace(issue, repository=name) for issue in pull.closing_issues)
    return replace(pull, repository=name, closing_issues=issues)
