from dataclasses import replace
from datetime import timedelta

from listed_pulls import START, listed

from codekiln.collect_pulls.collector import Task
from codekiln.collect_pulls.filters import Rules
from codekiln.collect_pulls.looking import Look
from codekiln.collect_pulls.progress_bar import Bar, expected
from codekiln.collect_pulls.record import Origin
from codekiln.collect_pulls.sources import Plan
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.step import Before, Step
from codekiln.core.corpus.ledger import Sums
from codekiln.core.corpus.pulls import COLLECTED, FILTERED
from codekiln.core.github.auth import Tokens
from codekiln.core.github.client import GitHub
from codekiln.core.github.endpoint import Endpoint
from codekiln.fake_github import clock

PLAN = Plan(rules=Rules(), as_of=START, cap=50, overlap=timedelta(0))
LOOK = Look(name="acme/router", total=200, updated_at=START)


def task(held: State | None = None, total: int = 200) -> Task:
    return Task(Origin("R_1", "acme/router", ""), replace(LOOK, total=total), held or State())


def test_a_new_repository_is_expected_to_fill_the_cap() -> None:
    assert expected(task(), PLAN) == 50
    assert expected(task(total=7), PLAN) == 7
    assert expected(task(), replace(PLAN, cap=0)) == 200


def test_of_a_known_one_only_news_and_what_a_larger_cap_wants_are_expected() -> None:
    held = State(passed=50, complete=True, sums=Sums(total=190))
    assert expected(task(held), PLAN) == 10
    assert expected(task(held), replace(PLAN, cap=80)) == 40


def unmoved(held: State, _before: Before) -> State:
    return held


def test_the_bar_counts_what_is_collected_and_ends_full() -> None:
    told: list[int] = []

    async def work() -> None:
        async with GitHub(Endpoint(), Tokens()) as github:
            bar = Bar([task()], PLAN, github)
            bar.report = lambda done, _note: told.append(done)
            rows = [listed(1).outcome(COLLECTED), listed(2).outcome(FILTERED, "bot")]
            bar.came(Step(key="R_1", advance=unmoved, rows=rows))
            bar.ended(task())
            assert bar.total == 50

    clock.run(work())
    assert told == [1, 50]
