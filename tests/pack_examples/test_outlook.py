from codekiln.pack_examples.outlook import outlook


def test_too_few_tokens_say_how_many_more_pull_requests_are_wanted() -> None:
    told = outlook(1000, 50, 10, 40_000)
    assert (told.trained, told.share, told.epochs_to_target) == (10_000, 0.25, 40)
    assert "150 more pull requests" in told.advice
    assert "4.0 times as many" in told.advice
    assert "max_pulls" in told.advice


def test_a_target_that_is_reached_early_says_after_how_many_epochs() -> None:
    told = outlook(1000, 50, 10, 3500)
    assert told.epochs_to_target == 4
    assert "reached in 4 of them" in told.advice


def test_a_target_that_is_just_reached_wants_nothing() -> None:
    assert outlook(1000, 50, 10, 10_000).advice.endswith("is reached")
