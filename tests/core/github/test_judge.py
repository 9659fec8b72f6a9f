"""What answers of the REST API mean."""

import json

import pytest

from codekiln.core.errors import InputError
from codekiln.core.github.errors import GoneError
from codekiln.core.github.judge import judge
from codekiln.core.github.purse import Refusal
from codekiln.core.github.verdicts import Broken, Good, Moved, Refused, Unauthorized, Verdict

DATE = {"date": "Fri, 15 Jan 2027 08:00:00 GMT"}
SPENT = {
    **DATE,
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "1800000600",
}


def judged(status: int, body: object = None, **headers: str) -> Verdict:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return judge(status, told, raw, "/repos/a/b")


def said(message: str) -> dict[str, str]:
    return {"message": message, "documentation_url": "https://docs.github.com"}


def test_documents_and_nothing_new_are_good() -> None:
    assert judged(200, [1]) == Good([1])
    assert judge(304, {}, b"", "x", has_etag=True) == Good(None)
    assert isinstance(judge(304, {}, b"", "x"), Broken)


def test_a_repository_with_a_message_in_it_is_still_a_repository() -> None:
    commit = {"message": "rate limit exceeded", "sha": "1", "tree": {}, "author": {}, "url": ""}
    assert judged(200, commit) == Good(commit)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_tell_where(status: int) -> None:
    assert judged(status, said("Moved"), location="/repositories/7") == Moved("/repositories/7")
    assert isinstance(judged(status), Broken)


@pytest.mark.parametrize("status", [202, 408, 500, 502, 503, 504, 520])
def test_accidents_may_pass(status: int) -> None:
    assert isinstance(judged(status, b"<html>Unicorn!"), Broken)


def test_a_busy_server_tells_when_to_come_back() -> None:
    verdict = judged(503, retry_after="17")
    assert isinstance(verdict, Broken)
    assert verdict.after == 17


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html>", "HTML"),
        (b'[{"number":', "truncated JSON"),
        (b"", "an empty body"),
        (json.dumps(said("Server Error")).encode(), "an error under 200"),
    ],
)
def test_what_is_no_document_under_200_is_an_accident(body: bytes, reason: str) -> None:
    assert judged(200, body) == Broken(reason)


@pytest.mark.parametrize("status", [200, 403, 429])
def test_secondary_limits_are_told_by_their_words(status: int) -> None:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes"
    assert judged(status, said(message)) == Refusal(primary=False, seconds=None, message=message)
    old = "You have triggered an abuse detection mechanism. Please wait a few minutes"
    waiting = judged(status, said(old), retry_after="42")
    assert waiting == Refusal(primary=False, seconds=42.0, message=old)


@pytest.mark.parametrize("status", [403, 429])
def test_a_spent_budget_ends_with_its_window(status: int) -> None:
    verdict = judge(
        status, SPENT, json.dumps(said("API rate limit exceeded for 1.2.3.4.")).encode(), "x"
    )
    assert isinstance(verdict, Refusal)
    assert (verdict.primary, verdict.seconds) == (True, 601.0)


def test_a_bare_429_is_a_limit_and_so_is_a_403_without_a_word() -> None:
    for verdict in (judged(429, b""), judged(429, b"<html>"), judged(403, b"")):
        assert isinstance(verdict, Refusal)
        assert not verdict.primary


def test_a_403_with_retry_after_is_a_limit_whatever_it_says() -> None:
    verdict = judged(403, said("Nope"), retry_after="5")
    assert isinstance(verdict, Refusal)
    assert verdict.seconds == 5


def gone(verdict: Verdict) -> tuple[str, str]:
    assert isinstance(verdict, Refused)
    assert isinstance(verdict.error, GoneError)
    return verdict.error.reason, str(verdict.error)


def test_what_is_gone_says_why() -> None:
    blocked = {"message": "Repository access blocked", "block": {"reason": "dmca"}}
    assert gone(judged(404, said("Not Found"))) == ("vanished", "/repos/a/b (404: Not Found)")
    assert gone(judged(410, said("Gone")))[0] == "vanished"
    assert gone(judged(451, blocked))[0] == "blocked"
    assert gone(judged(403, blocked))[0] == "blocked"


@pytest.mark.parametrize(
    "message",
    [
        "Resource protected by organization SAML enforcement. You must grant your token access",
        "Although you appear to have the correct authorization, the `a` organization has an IP "
        "allow list enabled",
        "`a` forbids access via a personal access token (classic).",
        "Something about this repository",
    ],
)
def test_one_owner_who_shuts_us_out_does_not_stop_the_run(message: str) -> None:
    assert gone(judged(403, said(message)))[0] == "forbidden"


def test_the_last_call_of_an_hour_may_still_be_a_refusal_for_good() -> None:
    body = json.dumps(said("Resource protected by organization SAML enforcement")).encode()
    assert gone(judge(403, SPENT, body, "x"))[0] == "forbidden"


def test_a_proxy_s_404_page_does_not_make_a_repository_vanish() -> None:
    assert isinstance(judged(404, b"<html>nginx</html>"), Broken)


def test_a_token_without_the_right_is_the_user_s_to_mend() -> None:
    verdict = judged(403, said("Resource not accessible by personal access token"))
    assert isinstance(verdict, Refused)
    assert isinstance(verdict.error, InputError)
    assert isinstance(judged(401, said("Bad credentials")), Unauthorized)


def test_a_request_that_github_does_not_understand_says_so() -> None:
    verdict = judged(422, said("Only the first 1000 search results are available"))
    assert isinstance(verdict, Refused)
    assert "Only the first 1000" in str(verdict.error)
