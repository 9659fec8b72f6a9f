"""The limits of the last minute."""

import heapq
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from codekiln.core.github.limits import Limits
from codekiln.core.github.minute import RECOVERY_S, SPAN_S, LastMinute, Window
from codekiln.core.github.waits import Wait

SMALL = Limits(
    concurrent=10,
    rest_points_per_minute=40,
    graphql_points_per_minute=60,
    cpu_s_per_minute=30.0,
    graphql_cpu_s_per_minute=20.0,
)


def wait_of(minute: LastMinute, now: float, kind: str) -> Wait | None:
    return minute.own_wait(now, kind) or minute.shared_wait(now, kind)


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    window = Window()
    window.add(0.0, 5.0)
    assert window.wait(10.0, 6.0, 10.0) == SPAN_S - 10
    assert window.wait(SPAN_S, 6.0, 10.0) == 0.0


def test_what_is_spent_later_only_has_to_fit_later() -> None:
    window = Window()
    window.add(0.0, 5.0)
    assert window.wait(10.0, 6.0, 10.0, ahead=4.0) == SPAN_S - 14
    assert window.wait(58.0, 6.0, 10.0, ahead=4.0) == 0.0


def test_more_than_the_cap_itself_waits_for_answers_not_for_time() -> None:
    assert Window().wait(0.0, 11.0, 10.0) == inf


def test_one_slow_request_may_always_go() -> None:
    minute = LastMinute(SMALL)
    minute.mean_s["graphql"] = 500.0
    assert wait_of(minute, 0.0, "graphql") is None


def test_searches_count_as_rest_and_graphql_does_not() -> None:
    minute = LastMinute(SMALL)
    for _ in range(36):
        minute.send(0.0, "search")
        minute.settle(0.0, "search", 0.0)
    wait = wait_of(minute, 1.0, "rest")
    assert wait
    assert (wait.reason, wait.seconds) == ("points a minute", SPAN_S - 1)
    assert wait_of(minute, 1.0, "graphql") is None


def test_after_a_complaint_half_is_used_and_more_again_slowly() -> None:
    minute = LastMinute(SMALL)
    minute.ease(100.0)
    assert minute.share(100.0) == SMALL.margin / 2
    assert minute.share(100.0 + RECOVERY_S / 4) == SMALL.margin * 0.75
    assert minute.share(100.0 + RECOVERY_S) == SMALL.margin


def test_complaint_after_complaint_leaves_something() -> None:
    minute = LastMinute(SMALL)
    for _ in range(50):
        minute.ease(0.0)
    assert minute.share(0.0) > 0.05
    assert wait_of(minute, 0.0, "rest") is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["rest", "search", "graphql"]), st.floats(0.05, 11.0)),
        min_size=1,
        max_size=150,
    )
)
def test_no_minute_holds_more_than_the_limits_and_nothing_waits_for_ever(
    requests: list[tuple[str, float]],
) -> None:
    minute, now = LastMinute(SMALL), 0.0
    answers: list[tuple[float, int, str, float]] = []
    sent: list[tuple[float, str]] = []
    for at, (kind, took) in enumerate(requests):
        while (wait := wait_of(minute, now, kind)) is not None:
            due = now + wait.seconds
            assert answers or due < inf
            if answers and answers[0][0] <= due:
                now, _, was, spent = heapq.heappop(answers)
                minute.settle(now, was, spent)
            else:
                now = due
        minute.send(now, kind)
        sent.append((now, kind))
        heapq.heappush(answers, (now + took, at, kind, took))
        assert len(answers) <= SMALL.concurrent
    for start, _ in sent:
        within = [kind for time, kind in sent if start <= time < start + 60]
        assert sum(kind != "graphql" for kind in within) <= SMALL.rest_points_per_minute
        assert within.count("graphql") <= SMALL.graphql_points_per_minute
