"""What is read from answers with holes; whole answers are the subject of test_repository."""

from typing import Any

import pytest

from codekiln.collect_pulls import details, holes, looking
from codekiln.collect_pulls.details import each
from codekiln.core.github.answers import QueryError, Reply

PULL = {"additions": 1}


def reply(nodes: list[Any] | None, *errors: tuple[str, list[str | int]]) -> Reply:
    told = [QueryError(kind, tuple(path), "...") for kind, path in errors]
    return Reply({"nodes": nodes}, told, 1)


@pytest.mark.parametrize(
    ("kind", "path", "reason"),
    [
        ("NOT_FOUND", ["nodes", 1], holes.VANISHED),
        ("FORBIDDEN", ["nodes", 1], holes.FORBIDDEN),
        ("", ["nodes", 1], holes.UNANSWERED),
        ("INTERNAL", ["nodes", 1, "comments"], holes.UNANSWERED),
    ],
)
def test_a_hole_is_told_by_its_error(kind: str, path: list[str | int], reason: str) -> None:
    answered = reply([PULL, None], (kind, path))
    assert each(answered, ["a", "b"]) == [("a", PULL), ("b", reason)]


def test_a_hole_inside_makes_a_pull_request_unanswered_unless_it_lasts() -> None:
    inside: list[str | int] = ["nodes", 0, "closingIssuesReferences", "nodes", 0]
    assert each(reply([PULL], ("FORBIDDEN", inside)), ["a"]) == [("a", PULL)]
    assert each(reply([PULL], ("", inside)), ["a"]) == [("a", holes.UNANSWERED)]


def test_an_answer_without_any_node_leaves_all_unanswered() -> None:
    assert each(reply(None), ["a"]) == [("a", holes.UNANSWERED)]
    assert looking.read(reply(None), 2) == [holes.UNANSWERED] * 2


def test_comments_of_accounts_that_are_gone_are_by_ghosts() -> None:
    told = {"author": None, "createdAt": "2026-01-02T03:04:05Z", "body": "?"}
    assert (details.comment(told).author, details.comment(told).author_type) == ("", "Ghost")


def test_a_repository_without_pull_requests_has_none_that_is_newest() -> None:
    nothing = {"totalCount": 0, "nodes": []}
    look = looking.look({"nameWithOwner": "a/b", "pullRequests": nothing})
    assert (look.total, look.updated_at) == (0, None)
