from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from codekiln.fake_github.dice import Dice, mix, sha, shas


def test_a_draw_is_the_same_on_every_machine() -> None:
    assert Dice("seed", 7).below(1_000) == 387
    assert sha("a", 1).startswith("2cd25db44acd")
    # The finalizer of MurmurHash3, as its authors give it for 1.
    assert mix(1) == 0x514E28B7


def test_draws_are_even_for_longer_than_one_digest_lasts() -> None:
    dice = Dice("even")
    counts = Counter(dice.below(10) for _ in range(20_000))
    assert max(counts.values()) - min(counts.values()) < 300


@given(st.integers(1, 1 << 20), st.integers(0, 1 << 20))
def test_a_number_lies_between_its_ends(width: int, low: int) -> None:
    assert low <= Dice(width, low).between(low, low + width) <= low + width


@given(st.lists(st.integers(), unique=True, max_size=20), st.integers(0, 25))
def test_a_sample_has_no_repeats(among: list[int], count: int) -> None:
    drawn = Dice("sample", count).sample(among, count)
    assert len(set(drawn)) == len(drawn) == min(count, len(among))


def test_mixing_keeps_apart_what_was_apart() -> None:
    assert len({mix(number) for number in range(100_000)}) == 100_000


def test_object_ids_look_like_gits() -> None:
    assert all(len(one) == 40 and int(one, 16) >= 0 for one in (*shas(1, 2), sha(1, 2)))
