from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.tokens.sections import CODE, CONTEXT, PLAN, PROBLEM, WRITTEN
from codekiln.pack_examples.budgets import Budgets, shared_out

FAIR = Budgets(room=100, problem=10, context=30, plan=20, code=40)


def needs(*sizes: int) -> dict[str, int]:
    return dict(zip(WRITTEN, sizes, strict=True))


@given(st.tuples(*[st.integers(0, 200)] * 4))
def test_what_is_given_fits_and_nobody_loses_what_is_his_for_certain(
    sizes: tuple[int, int, int, int],
) -> None:
    wanted = needs(*sizes)
    told = shared_out(wanted, FAIR)
    assert sum(told.values()) == min(FAIR.room, sum(sizes))
    assert all(min(wanted[name], FAIR.of(name)) <= told[name] <= wanted[name] for name in WRITTEN)


def test_what_one_leaves_goes_to_code_and_plan_before_context_and_problem() -> None:
    told = shared_out(needs(50, 25, 10, 55), FAIR)
    assert told == {CODE: 55, PLAN: 10, CONTEXT: 25, PROBLEM: 10}


def test_context_is_whole_before_the_problem_gets_more() -> None:
    assert shared_out(needs(50, 40, 5, 20), FAIR) == {CODE: 20, PLAN: 5, CONTEXT: 40, PROBLEM: 35}
