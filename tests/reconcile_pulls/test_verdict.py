from dataclasses import replace
from typing import Any

import pytest
from ledgers_made import repository

from codekiln.core.corpus.ledger import Sums
from codekiln.reconcile_pulls import accounts
from codekiln.reconcile_pulls.accounts import Account
from codekiln.reconcile_pulls.run import GONE, Failure, Run
from codekiln.reconcile_pulls.verdict import Limits, Verdict, judge

LIMITS = Limits(unaccounted=0.01, failed=0.05, gone=0.2)
DONE = Run(is_known=True, listed=[], shards=2, done=frozenset({0, 1}))


def account(name: str = "a/b", status: str = accounts.COMPLETE, **sums: Any) -> Account:
    return Account(key=name, name=name, status=status, sums=Sums(**sums))


def judged(*found: Account, run: Run = DONE, **faults: str) -> Verdict:
    return judge(found, run, faults, LIMITS)


def test_a_ledger_in_which_everything_adds_up_has_no_problem() -> None:
    verdict = judged(account(total=100, collected=60, filtered={"bot": 30}, beyond=10))
    assert (verdict.state, verdict.reason) == ("complete", "")


@pytest.mark.parametrize(("missing", "state"), [(1, "minor"), (10, "minor"), (11, "failed")])
def test_up_to_the_limit_pull_requests_may_be_unaccounted_for(missing: int, state: str) -> None:
    verdict = judged(account(total=1000, collected=1000 - missing))
    assert verdict.state == state
    assert verdict.problems[0].what.startswith(f"{missing} of 1,000 pull requests unaccounted for")


@pytest.mark.parametrize(("failed", "state"), [(50, "minor"), (51, "failed")])
def test_up_to_the_limit_pull_requests_may_have_failed(failed: int, state: str) -> None:
    verdict = judged(account(total=1000, collected=1000 - failed, failed={"gone": failed}))
    assert verdict.state == state


def test_shards_without_an_end_are_grave_and_say_why() -> None:
    told = Run(
        is_known=True, listed=[], shards=4, done=frozenset({0, 3}),
        failures=[Failure(phase="collect_pulls", error="GitHub stays broken")] * 3,
    )  # fmt: skip
    verdict = judged(run=told)
    assert verdict.reason == "shards that have not come to their end: 1, 2 (GitHub stays broken)"


def test_a_run_in_which_no_shard_came_to_its_end_is_no_success() -> None:
    assert "their end: all" in judged(run=Run(is_known=True, listed=[])).reason


def test_a_run_without_a_list_says_why() -> None:
    told = Run(is_known=True, failures=[Failure(phase="discover_repos", error="no token")])
    assert judged(run=told).reason == "there is no list of repositories (no token)"


def test_errors_of_attempts_that_were_made_up_for_are_no_problem() -> None:
    told = Run(
        is_known=True, listed=[], shards=1, done=frozenset({0}),
        failures=[Failure(phase="collect_pulls", error="once")],
    )  # fmt: skip
    assert judged(run=told).state == "complete"


def test_repositories_that_nobody_looked_at_are_grave_where_they_are_many() -> None:
    many = [account(f"a/r{n}", total=1, collected=1) for n in range(200)]
    one = account("a/late", accounts.UNFINISHED)
    assert judged(one, *many).state == "minor"
    verdict = judged(one, account("a/never", accounts.UNREACHED), *many[:20])
    assert "2 repositories of 22 not reached or not finished: a/late, a/never" in verdict.reason


def test_what_is_gone_or_no_longer_listed_fails_no_run() -> None:
    gone, old = account("a/gone", accounts.GONE), account("a/old", accounts.UNLISTED)
    assert judged(gone).state == "minor"
    assert judged(old).state == "complete"


@pytest.mark.parametrize(
    ("gone", "of", "state"),
    [(2, 2, "minor"), (3, 3, "failed"), (20, 100, "minor"), (21, 100, "failed")],
)
def test_listed_repositories_may_be_gone_where_they_are_few(gone: int, of: int, state: str) -> None:
    names = [f"a/r{number}" for number in range(of)]
    told = replace(DONE, listed=[repository(name) for name in names])
    found = [
        replace(
            account(name, accounts.GONE if number < gone else accounts.COMPLETE),
            key=repository(name).node_id,
        )
        for number, name in enumerate(names)
    ]
    assert judged(*found, run=told).state == state


def test_those_that_went_long_ago_and_are_listed_no_more_fail_no_run() -> None:
    old = [account(f"a/old{number}", accounts.GONE) for number in range(9)]
    assert judged(*old, run=replace(DONE, listed=[repository("a/b")])).state == "minor"


def test_names_that_lead_the_discovery_nowhere_are_gone_too() -> None:
    told = replace(DONE, listed=[repository("a/b")], left_out={GONE: 9})
    assert judged(account(), run=told).reason.startswith(
        "9 of 10 listed repositories gone from GitHub, or hidden from the token (90%, 20% allowed)"
    )


def test_where_there_is_no_data_at_all_nothing_is_complete() -> None:
    verdict = judge([], Run(), {}, LIMITS, is_empty=True)
    assert verdict.reason == "there is no data set: no version was ever written there"


def test_sums_that_are_not_borne_out_are_grave() -> None:
    verdict = judge([account()], DONE, {"a/b": "its ledger has 1 rows"}, LIMITS)
    assert verdict.reason.startswith("rows and sums disagree in 1 repository: a/b: its ledger")


def test_many_names_are_counted() -> None:
    many = [account(f"a/r{n}", total=10, collected=1) for n in range(9)]
    assert judged(*many).reason.endswith("a/r0, a/r1, a/r2, a/r3, a/r4 and 4 more")


def test_without_a_run_the_data_alone_is_judged() -> None:
    assert judged(account(total=1, collected=1), run=Run()).state == "complete"
