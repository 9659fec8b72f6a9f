import pytest

from codekiln.core.training.state import State, from_json

HERE = {"torch": "2.13.0", "threads": "2"}


def test_a_state_comes_back_from_its_json_to_the_last_bit() -> None:
    state = State(fingerprint="f", losses=[0.1, 1 / 3], targets=[3, 4])
    assert from_json(state.to_json()) == state


def test_the_loss_of_an_epoch_is_a_mean_over_targets_not_over_steps() -> None:
    state = State(fingerprint="f", losses=[9.0, 1.0, 4.0], targets=[5, 10, 20])
    assert state.mean_loss(1) == 3.0


def test_a_restart_under_the_same_conditions_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    state = State(fingerprint="f")
    state.begin(HERE)
    state.begin(dict(HERE))
    assert state.starts == 2
    assert not caplog.text


def test_a_restart_under_other_conditions_warns_of_other_bits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = State(fingerprint="f")
    state.begin(HERE)
    state.begin({**HERE, "threads": "4"})
    assert "threads was 2, is 4" in caplog.text
