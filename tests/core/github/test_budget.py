"""One hourly budget, against a server that counts."""

import heapq
from dataclasses import dataclass, field
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from codekiln.core.github.budget import Bucket
from codekiln.core.github.limits import Limits
from codekiln.core.github.rate_headers import Told


def told(remaining: int, *, limit: int = 5000, reset: int = 3600, left: float = 3600) -> Told:
    return Told("core", limit, remaining, reset, left)


def bucket() -> Bucket:
    return Bucket("core", Limits())


def trusted(remaining: int, **more: int) -> Bucket:
    made = bucket()
    made.learn(told(remaining, **more), 0.0)
    made.trust(0.0)
    return made


def test_the_first_request_goes_alone() -> None:
    made = bucket()
    assert made.wait(0.0, 1) is None
    made.send(0.0, 1)
    wait = made.wait(0.0, 1)
    assert wait
    assert wait.seconds == inf


def test_a_server_that_tells_no_budget_has_none() -> None:
    made = bucket()
    made.trust(0.0)
    made.send(0.0, 1)
    assert made.wait(0.0, 1) is None


def test_what_is_under_way_counts_as_spent() -> None:
    made = trusted(60)
    for _ in range(10):
        assert made.wait(0.0, 1) is None or made.last == 0.0
        made.send(0.0, 1)
    assert made.free() == 0
    wait = made.wait(0.0, 1)
    assert wait
    assert (wait.seconds, wait.reason) == (3600, "REST budget")


def test_within_one_window_the_least_that_was_told_counts() -> None:
    made = trusted(4000)
    made.learn(told(4005, reset=3601), 1.0)
    assert made.told
    assert made.told.remaining == 4000


def test_a_new_window_is_believed_at_once() -> None:
    made = trusted(3)
    made.learn(told(4999, reset=7200), 3601.0)
    assert made.told
    assert made.told.remaining == 4999


def test_others_who_use_the_token_are_noticed() -> None:
    made = trusted(4000)
    made.learn(told(70), 1.0)
    assert made.free() == 20


def test_a_full_budget_is_spent_at_once_up_to_the_burst_then_evenly() -> None:
    made = trusted(4001)
    assert made.wait(0.0, 1) is None
    made.learn(told(3999), 0.0)
    made.send(0.0, 1)
    wait = made.wait(0.0, 1)
    assert wait
    assert wait.reason == "REST pace"
    assert 0.8 < wait.seconds < 1.0


def test_small_budgets_are_not_paced() -> None:
    made = bucket()
    made.learn(told(60, limit=60), 0.0)
    made.trust(0.0)
    for _ in range(60):
        assert made.wait(0.0, 1) is None
        made.send(0.0, 1)
    assert made.wait(0.0, 1)


def test_after_a_refusal_one_request_tries_again() -> None:
    made = trusted(4000)
    assert made.refuse(0.0, 0.0, 100.0) == 100.0
    wait = made.wait(1.0, 1)
    assert wait
    assert wait.seconds == 99.0
    assert made.wait(100.0, 1) is None
    made.send(100.0, 1)
    assert made.wait(100.0, 1)


def test_an_answer_to_what_was_sent_before_a_refusal_proves_nothing() -> None:
    made = trusted(4000)
    made.refuse(5.0, 4.0, 100.0)
    made.trust(3.0)
    made.send(105.0, 1)
    assert made.wait(105.0, 1)
    made.trust(105.0)
    assert made.wait(105.0, 1) is None


@dataclass
class Server:
    """Counts as GitHub does: a window begins with its first request and lasts an hour."""

    limit: int
    left: int = 0
    ends: float = -1.0
    refused: int = 0
    served: list[float] = field(default_factory=list)

    def serve(self, now: float, cost: int) -> Told:
        if now >= self.ends:
            self.left, self.ends = self.limit, float(int(now) + 3600)
        self.refused += self.left < cost
        self.left = max(0, self.left - cost)
        self.served.append(now)
        return Told("core", self.limit, self.left, int(self.ends), self.ends - int(now) + 1)


def work(server: Server, made: Bucket, costs: list[int], delays: list[float]) -> float:
    """Send requests of `costs` as soon as the bucket lets them; return when the last was sent."""
    now, answers = 0.0, list[tuple[float, int, int, Told]]()
    for at, cost in enumerate(costs):
        while (wait := made.wait(now, cost)) is not None:
            due = now + wait.seconds
            if answers and answers[0][0] <= due:
                now, _, paid, word = heapq.heappop(answers)
                made.settle(paid)
                made.learn(word, now)
                made.trust(0.0)
            else:
                assert due < inf
                assert due > now
                now = due
        made.send(now, cost)
        delay = delays[at % len(delays)]
        word = server.serve(now + delay / 2, cost)
        heapq.heappush(answers, (now + delay, at, cost, word))
    return now


@settings(max_examples=60, deadline=None)
@given(
    limit=st.integers(20, 400),
    costs=st.lists(st.integers(1, 5), min_size=1, max_size=300),
    delays=st.lists(st.floats(0.05, 12.0), min_size=1, max_size=7),
)
def test_the_only_user_of_a_token_is_never_refused_and_never_starves(
    limit: int, costs: list[int], delays: list[float]
) -> None:
    server = Server(limit)
    ended = work(server, bucket(), costs, delays)
    assert server.refused == 0
    # Each window of an hour takes its budget less the reserve, and what does not fit at its end.
    windows = sum(costs) // max(1, limit - limit // 100 - 5) + 1
    assert ended <= windows * 3700 + sum(delays[:1]) + 60
