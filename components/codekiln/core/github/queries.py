"""Reading an answer of the GraphQL API, whose errors come under 200, often with some data. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from codekiln.core.errors import InputError
from codekiln.core.github import documents
from codekiln.core.github.answers import QueryError, Reply
from codekiln.core.github.judge import LIMIT_TYPES, judge, limit_in
from codekiln.core.github.purse import Refusal
from codekiln.core.github.verdicts import Broken, Good, Refused, Verdict

OUT_OF_TIME = ("something went wrong", "timeout", "timed out", "in time", "try again")
"""In messages about a query that took more than ten seconds, or met a defect of GitHub's."""

TOO_MUCH = {"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"}
HOLES = {"NOT_FOUND", "FORBIDDEN", "UNPROCESSABLE"}
"""Types of errors that concern one node; the others are there."""
PASSING = {"SERVICE_UNAVAILABLE", "INTERNAL", "INTERNAL_SERVER_ERROR"}
"""Types of errors that a later try may not get."""


def judge_query(status: int, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Say what an answer of the GraphQL API means; Good holds a Reply."""
    verdict = judge(status, headers, body, "a GraphQL query")
    if status == HTTPStatus.NOT_FOUND and isinstance(verdict, Refused):
        return Refused(InputError("there is no GraphQL API here (404): set GITHUB_GRAPHQL_URL"))
    if not isinstance(verdict, Good):
        return verdict
    if not isinstance(verdict.body, dict):
        return Broken("no GraphQL answer")
    return _of_document(headers, verdict.body)


def _of_document(headers: Mapping[str, str], document: dict[str, Any]) -> Verdict:
    errors = [one for one in _listed(document.get("errors")) if isinstance(one, dict)]
    data = document.get("data")
    trouble = _trouble(headers, errors)
    if isinstance(trouble, Broken) and isinstance(data, dict):
        return replace(trouble, partly=_reply(data, errors))
    if trouble:
        return trouble
    if not isinstance(data, dict) and not errors:
        return Broken("neither data nor errors")
    if not isinstance(data, dict) and not all(_type(one) in HOLES for one in errors):
        return _refused(errors)
    return Good(_reply(data if isinstance(data, dict) else {}, errors))


def _trouble(headers: Mapping[str, str], errors: Sequence[dict[str, Any]]) -> Verdict | None:
    """Return why to ask again, None if the answer is as whole as it will be."""
    for one in errors:
        message = documents.message(one)
        limit = limit_in(headers, message)
        if limit:
            return limit
        if _type(one) in LIMIT_TYPES or one.get("code") == "graphql_rate_limit":
            told = limit_in(headers, "rate limit exceeded")
            return told or Refusal(primary=True, seconds=None, message=message)
        if _type(one) in TOO_MUCH:
            return Broken("too much for one query", heavy=True, hopeless=True)
        if _type(one) in PASSING:
            return Broken("a GraphQL error of GitHub's", heavy=True)
        if not _type(one) and any(words in message.lower() for words in OUT_OF_TIME):
            return Broken("something went wrong", heavy=True)
    return None


def _refused(errors: Sequence[dict[str, Any]]) -> Verdict:
    """Say why there is no data at all."""
    first = errors[0]
    told = "; ".join(dict.fromkeys(documents.message(one) for one in errors))
    if _type(first) in ("INSUFFICIENT_SCOPES", "FORBIDDEN"):
        return Refused(InputError(f"the token lacks a right that the query needs: {told}"))
    if _type(first) or "locations" in first or "extensions" in first:
        return Refused(InputError(f"GitHub does not understand the query: {told}"))
    return Broken("a GraphQL error of GitHub's", heavy=True)


def _reply(data: dict[str, Any], errors: Sequence[dict[str, Any]]) -> Reply:
    return Reply(data, [_query_error(one) for one in errors], _cost(data))


def _type(error: Mapping[str, Any]) -> str:
    return str(error.get("type") or "")


def _query_error(error: Mapping[str, Any]) -> QueryError:
    path = tuple(one for one in _listed(error.get("path")) if isinstance(one, str | int))
    return QueryError(_type(error), path, documents.message(error))


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _cost(data: Mapping[str, Any]) -> int:
    told = data.get("rateLimit")
    cost = told.get("cost") if isinstance(told, dict) else None
    return cost if isinstance(cost, int) and 0 <= cost <= 1_000_000 else 1
