"""What answers of the GraphQL API mean: mostly 200."""

import json
from typing import Any

import pytest

from codekiln.core.errors import InputError
from codekiln.core.github.answers import QueryError, Reply
from codekiln.core.github.purse import Refusal
from codekiln.core.github.queries import judge_query
from codekiln.core.github.verdicts import Broken, Good, Refused, Verdict


def judged(document: object, status: int = 200, **headers: str) -> Verdict:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge_query(status, told, json.dumps(document).encode())


def errors(*given: dict[str, Any], data: object = None) -> Verdict:
    return judged({"data": data, "errors": list(given)})


def test_data_comes_with_its_cost() -> None:
    verdict = judged({"data": {"rateLimit": {"cost": 4}, "nodes": [{"id": "x"}]}})
    assert isinstance(verdict, Good)
    assert verdict.body == Reply({"rateLimit": {"cost": 4}, "nodes": [{"id": "x"}]}, [], 4)


def test_a_hole_in_the_data_comes_with_its_reason() -> None:
    message = "Could not resolve to a node with the global id of 'x'"
    hole = {"type": "NOT_FOUND", "path": ["nodes", 1], "message": message}
    verdict = errors(hole, data={"nodes": [{"id": "a"}, None]})
    assert isinstance(verdict, Good)
    assert verdict.body.errors == [QueryError("NOT_FOUND", ("nodes", 1), message)]
    assert verdict.body.cost == 1


def test_one_node_behind_single_sign_on_is_a_hole() -> None:
    hole = {
        "type": "FORBIDDEN", "path": ["nodes", 0], "extensions": {"saml_failure": True},
        "message": "Resource protected by organization SAML enforcement.",
    }  # fmt: skip
    assert isinstance(errors(hole, data={"nodes": [None, {"id": "b"}]}), Good)


def test_nothing_but_holes_is_an_answer() -> None:
    hole = {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve"}
    verdict = errors(hole)
    assert isinstance(verdict, Good)
    assert verdict.body.data == {}


@pytest.mark.parametrize(
    "error",
    [
        {"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."},
        {"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "already spent"},
        {"message": "API rate limit already exceeded for user ID 1."},
    ],
)
def test_a_spent_budget_comes_under_200(error: dict[str, str]) -> None:
    verdict = errors(error)
    assert isinstance(verdict, Refusal)
    assert verdict.primary
    partly = errors(error, data={"nodes": [None]})
    assert isinstance(partly, Refusal)


def test_a_secondary_limit_comes_under_200_too() -> None:
    verdict = errors({"message": "You have exceeded a secondary rate limit. Please wait"})
    assert isinstance(verdict, Refusal)
    assert not verdict.primary


def test_something_went_wrong_is_asked_again_even_with_some_data() -> None:
    message = (
        "Something went wrong while executing your query. This may be the result of a timeout, or "
        "it could be a GitHub bug. Please include `8D8C:2C` when reporting this issue."
    )
    for data in (None, {"nodes": [{"id": "a"}, None]}):
        verdict = errors({"message": message}, data=data)
        assert isinstance(verdict, Broken)
        assert (verdict.heavy, verdict.hopeless) == (True, False)


def test_too_much_for_one_query_needs_no_second_try() -> None:
    verdict = errors({"type": "RESOURCE_LIMITS_EXCEEDED", "message": "limits"}, data={"nodes": []})
    assert isinstance(verdict, Broken)
    assert verdict.hopeless


@pytest.mark.parametrize("document", [{}, {"data": None}, [], {"errors": "x"}, {"data": [1]}])
def test_neither_data_nor_errors_is_an_accident(document: object) -> None:
    assert isinstance(judged(document), Broken)


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Field 'x' doesn't exist", "extensions": {"code": "undefinedField"}},
        {"message": "Expected NAME", "locations": [{"line": 1, "column": 2}]},
        {"type": "INSUFFICIENT_SCOPES", "message": "Your token has not been granted the scopes"},
    ],
)
def test_a_query_that_is_wrong_is_not_asked_again(error: dict[str, Any]) -> None:
    verdict = errors(error)
    assert isinstance(verdict, Refused)
    assert isinstance(verdict.error, InputError)
    assert str(error["message"]) in str(verdict.error)


def test_gateways_that_gave_up_may_mean_a_heavy_query() -> None:
    for status in (502, 503, 504):
        verdict = judged({}, status)
        assert isinstance(verdict, Broken)
        assert verdict.heavy


def test_odd_errors_do_no_harm() -> None:
    verdict = judged({"data": {"a": 1}, "errors": [1, None, {"path": "x"}, {"path": [1.5, "a"]}]})
    assert isinstance(verdict, Good)
    assert [one.path for one in verdict.body.errors] == [(), ("a",)]
