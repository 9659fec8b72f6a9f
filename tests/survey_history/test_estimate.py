import pytest

from codekiln.survey_history.estimate import estimate


@pytest.mark.parametrize(
    ("commits", "sequences", "epochs"),
    [(1, 1, 10), (119, 19, 10), (120, 20, 8), (300, 50, 6), (600, 100, 5), (1200, 200, 4)],
)
def test_epochs_follow_the_number_of_sequences(commits: int, sequences: int, epochs: int) -> None:
    made = estimate(commits, batch_size=8, seconds_per_step=1.5)
    assert (made.sequences, made.epochs) == (sequences, epochs)


def test_minutes_are_steps_times_seconds() -> None:
    made = estimate(6000, batch_size=8, seconds_per_step=3.0)
    assert (made.steps_per_epoch, made.steps, made.minutes) == (125, 500, 25.0)
