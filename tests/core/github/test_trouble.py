"""How long one request is tried again."""

from codekiln.core.github.limits import Limits
from codekiln.core.github.trouble import Trouble

LIMITS = Limits()


def test_pauses_double_up_to_a_minute() -> None:
    trouble = Trouble("x", LIMITS)
    pauses = [trouble.accident("status 502") for _ in range(10)]
    for pause, plain in zip(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60], strict=True):
        assert 0.75 * plain <= pause <= 1.25 * plain


def test_pauses_of_different_requests_differ() -> None:
    assert Trouble("x", LIMITS).accident("a") != Trouble("y", LIMITS).accident("a")


def test_a_request_that_fails_alone_is_given_up_after_some_tries() -> None:
    trouble = Trouble("x", LIMITS)
    for _ in range(LIMITS.tries):
        assert trouble.endures(1.0, others=True, reached=True)
        trouble.accident("status 502")
    assert not trouble.endures(1.0, others=True, reached=True)
    assert trouble.endures(1.0, others=False, reached=True)


def test_an_outage_is_endured_as_long_as_patience_lasts() -> None:
    trouble = Trouble("x", Limits(patience_s=600))
    while trouble.endures(trouble.accident("status 503"), others=False, reached=True):
        pass
    assert 500 < trouble.waited_s <= 600


def test_an_address_that_never_answered_is_given_up_soon() -> None:
    trouble = Trouble("x", LIMITS)
    while trouble.endures(trouble.accident("no connection"), others=False, reached=False):
        pass
    assert trouble.waited_s < 60


def test_what_was_seen_is_told_most_frequent_first() -> None:
    trouble = Trouble("x", LIMITS)
    for reason in ("status 502", "connection reset", "status 502"):
        trouble.accident(reason)
    trouble.limited("secondary limit")
    trouble.endures(713.0, others=False, reached=True)
    assert trouble.in_words() == (
        "2 x status 502, 1 x connection reset, 1 x secondary limit in 12 min"
    )
