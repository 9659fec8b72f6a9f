"""All limits of one credential together."""

from codekiln.core.github.credential import Anonymous
from codekiln.core.github.limits import Limits
from codekiln.core.github.purse import Purse, Refusal
from codekiln.core.github.rate_headers import Told

SECONDARY = Refusal(primary=False, seconds=None, message="")


def purse() -> Purse:
    return Purse(Anonymous(), Limits())


def test_whoever_waited_longer_for_what_all_share_goes_first() -> None:
    made = purse()
    for kind in ("rest", "graphql"):
        made.trust(kind, sent=0.0)
    made.minute.cpu["all"].add(0.0, 70.0)
    made.minute.mean_s["graphql"] = 15.0
    assert made.wait(1.0, "rest", 1) is None
    wait = made.wait(1.0, "rest", 1, older={"graphql": 1})
    assert wait
    assert wait.reason == "another's turn"


def test_a_kind_that_its_own_budget_holds_back_does_not_hold_back_others() -> None:
    made = purse()
    for kind in ("rest", "graphql"):
        made.trust(kind, sent=0.0)
    made.minute.cpu["all"].add(0.0, 70.0)
    made.minute.cpu["graphql"].add(0.0, 53.0)
    assert made.wait(1.0, "rest", 1, older={"graphql": 1}) is None


def test_a_secondary_limit_stops_every_kind() -> None:
    made = purse()
    assert made.refuse(SECONDARY, "graphql", 10.0, sent=9.0) == 60.0
    for kind in ("rest", "search", "graphql"):
        wait = made.wait(11.0, kind, 1)
        assert wait
        assert (wait.reason, wait.seconds) == ("secondary limit", 59.0)


def test_refusals_of_what_was_under_way_are_one_refusal() -> None:
    made = purse()
    for at in range(50):
        made.refuse(SECONDARY, "rest", 10.0 + at / 100, sent=9.0)
    assert made.strikes.count == 1
    assert made.refuse(SECONDARY, "rest", 80.0, sent=75.0) == 120.0


def test_a_good_answer_after_the_pause_ends_the_count() -> None:
    made = purse()
    made.refuse(SECONDARY, "rest", 10.0, sent=9.0)
    made.trust("rest", sent=5.0)
    assert made.strikes.count == 1
    made.trust("rest", sent=75.0)
    assert made.strikes.count == 0


def test_a_spent_budget_stops_its_own_kind_only() -> None:
    made = purse()
    spent = Refusal(primary=True, seconds=900.0, message="")
    assert made.refuse(spent, "graphql", 0.0, sent=0.0) == 900.0
    assert made.wait(1.0, "graphql", 1)
    assert made.wait(1.0, "rest", 1) is None


def test_the_resource_in_the_headers_names_the_budget() -> None:
    made = purse()
    made.learn(Told("graphql", 5000, 7, 3600, 3600.0), "rest", 0.0)
    assert made.buckets["core"].told is None
    assert made.buckets["graphql"].told
    made.learn(Told("code_search", 10, 0, 60, 60.0), "search", 0.0)
    assert made.buckets["search"].told is None
