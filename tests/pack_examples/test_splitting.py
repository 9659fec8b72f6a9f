import pytest
from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.errors import InputError
from codekiln.pack_examples.splitting import held_out, place

MANY = [f"R_{number}" for number in range(400)]


def test_a_tenth_of_many_repositories_is_held_out() -> None:
    assert 20 < len(held_out(MANY, 0.1)) < 60


def test_no_repository_changes_sides_as_others_come() -> None:
    few, all_ = held_out(MANY[:100], 0.1), held_out(MANY, 0.1)
    assert few == all_ & set(MANY[:100])


@given(st.sets(st.text(min_size=1), min_size=2, max_size=8), st.floats(0.01, 0.5))
def test_few_repositories_leave_no_side_empty_and_the_lowest_are_held_out(
    some: set[str], share: float
) -> None:
    told = held_out(some, share)
    assert 0 < len(told) < len(some)
    assert max(map(place, told)) <= min(place(one) for one in some - told)


def test_one_repository_can_only_be_trained_on_if_that_is_wanted() -> None:
    assert held_out(["R_1"], 0) == frozenset()
    with pytest.raises(InputError, match="validation_share to 0"):
        held_out(["R_1"], 0.1)
