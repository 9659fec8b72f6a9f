from codekiln.core.training.early_stopping import Standing, judged, reason_to_stop
from codekiln.core.training.settings import Training


def after(*losses: float, min_delta: float = 0.0001) -> Standing:
    standing = Standing()
    for epoch, loss in enumerate(losses, start=1):
        standing = judged(standing, loss, epoch, epoch * 10, min_delta)
    return standing


def test_the_lowest_loss_is_the_best_even_by_less_than_min_delta() -> None:
    standing = after(2.0, 1.99995)
    assert (standing.best_loss, standing.best_epoch, standing.best_step) == (1.99995, 2, 20)
    assert standing.stale_epochs == 1


def test_many_small_gains_add_up_to_one_that_counts() -> None:
    assert after(2.0, 1.99995, 1.9998).stale_epochs == 0


def test_three_stale_epochs_stop_the_run() -> None:
    standing = after(1.0, 1.1, 1.2, 1.3)
    assert reason_to_stop(standing, 4, 10, 3, Training()) == "no better validation loss"
    assert reason_to_stop(after(1.0, 1.1, 1.2), 3, 10, 3, Training()) is None


def test_no_run_stops_before_min_epochs() -> None:
    standing = after(1.0, 1.1, 1.2, 1.3)
    assert reason_to_stop(standing, 4, 10, 5, Training()) is None
    assert reason_to_stop(standing, 4, 10, 4, Training()) == "no better validation loss"


def test_a_run_ends_with_its_epochs() -> None:
    assert reason_to_stop(after(1.0, 0.9, 0.8), 3, 3, 3, Training()) == "all epochs done"
