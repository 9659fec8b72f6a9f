"""What is left, in one line."""

import asyncio

from core.github.scripted import Script, answer, ask, budget

from codekiln.core.github.client import GitHub
from codekiln.core.github.credential import Anonymous
from codekiln.core.github.limits import Limits
from codekiln.core.github.outlook import outlook
from codekiln.core.github.purse import Purse, Refusal
from codekiln.core.github.rate_headers import Told


def purse() -> Purse:
    made = Purse(Anonymous(), Limits())
    made.learn(Told("core", 5000, 4321, 720, 720.0), "rest", 0.0)
    made.learn(Told("graphql", 5000, 4000, 1800, 1800.0), "graphql", 0.0)
    return made


def test_it_tells_each_budget_that_was_used() -> None:
    assert outlook([purse()], 0.0) == (
        "REST 4,321 of 5,000 left, resets in 12 min; GraphQL 4,000 of 5,000 left, resets in 30 min"
    )


def test_several_tokens_are_added_up() -> None:
    assert outlook([purse(), purse()], 0.0).startswith("REST 8,642 of 10,000 left")


def test_it_tells_of_a_pause_and_of_a_spent_budget() -> None:
    made = purse()
    made.refuse(Refusal(primary=True, seconds=600.0, message=""), "graphql", 0.0, sent=0.0)
    made.refuse(Refusal(primary=False, seconds=40.0, message=""), "rest", 0.0, sent=0.0)
    assert outlook([made], 0.0).endswith(
        "GraphQL spent, resets in 10 min; paused for 40 s (secondary limit)"
    )


def test_before_the_first_answer_it_says_so() -> None:
    async def told(github: GitHub) -> tuple[str, str]:
        before = github.outlook()
        await github.get("/x")
        await asyncio.sleep(1)
        return before, github.outlook()

    before, after = ask(Script([answer(body=[], rate=budget(4999))]), told)
    assert before == "nothing asked of GitHub yet"
    assert after == "REST 4,999 of 5,000 left, resets in 60 min"
