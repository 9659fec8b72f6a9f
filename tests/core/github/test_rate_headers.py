"""Budgets and waits as headers tell them."""

from hypothesis import given
from hypothesis import strategies as st

from codekiln.core.github.rate_headers import LONGEST_S, retry_after, says_spent, told

DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
EPOCH = 1_800_000_000


def headers(**more: str) -> dict[str, str]:
    plain = {"limit": "5000", "remaining": "4990", "reset": str(EPOCH + 600)}
    return {"date": DATE, **{f"x-ratelimit-{name}": v for name, v in {**plain, **more}.items()}}


def test_the_end_of_a_window_is_told_from_github_s_own_clock() -> None:
    found = told(headers(resource="core"))
    assert found
    assert (found.resource, found.limit, found.remaining, found.reset_in) == (
        "core",
        5000,
        4990,
        601.0,
    )


def test_a_moment_that_no_window_of_github_s_can_end_at_is_not_believed() -> None:
    assert told(headers(reset=str(EPOCH + 9_999))) is None
    assert told(headers(reset=str(EPOCH - 1))) is None


def test_an_answer_without_a_date_tells_no_time() -> None:
    assert told({k: v for k, v in headers().items() if k != "date"}) is None


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after({"retry-after": "30"}) == 30
    assert retry_after({"retry-after": "Fri, 15 Jan 2027 08:01:00 GMT", "date": DATE}) == 60
    assert retry_after({"retry-after": "99999"}) == LONGEST_S
    assert retry_after({}) is None


def test_spent_is_a_plain_zero() -> None:
    assert says_spent(headers(remaining="0"))
    assert not says_spent(headers(remaining="00x"))
    assert not says_spent({})


texts = st.text(max_size=20) | st.integers().map(str) | st.sampled_from([DATE, "-1", "1e9", "²"])


@given(texts, texts, texts, texts, texts)
def test_no_header_however_odd_does_harm(a: str, b: str, c: str, d: str, e: str) -> None:
    odd = headers(limit=a, remaining=b, reset=c) | {"date": d, "retry-after": e}
    found, after = told(odd), retry_after(odd)
    assert found is None or (0 < found.reset_in <= LONGEST_S + 1 and found.limit > 0)
    assert after is None or 0 <= after <= LONGEST_S
