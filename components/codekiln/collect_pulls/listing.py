"""What GitHub's list of pull requests tells of one: all but its conversation and its changes.

https://docs.github.com/rest/pulls/pulls#list-pull-requests
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codekiln.core.corpus.node_ids import canonical, number_of
from codekiln.core.corpus.pulls import LedgerRow

GHOST = "Ghost"
"""The type of an author whose account is gone, as GitHub shows such accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One row of the list. The fields are those of PullRequest."""

    number: int
    node_id: str
    state: str
    title: str
    body: str
    author: str
    author_type: str
    author_association: str
    labels: tuple[str, ...]
    milestone: str | None
    draft: bool
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    merged_at: datetime | None
    base_ref: str
    base_sha: str
    head_ref: str
    head_sha: str
    merge_commit_sha: str | None
    default_branch: str

    def outcome(self, outcome: str, reason: str = "") -> LedgerRow:
        """Return the row of the ledger for this pull request."""
        return LedgerRow(
            number=self.number, state=self.state, outcome=outcome, reason=reason,
            updated_at=self.updated_at, merged_at=self.merged_at, head_sha=self.head_sha,
        )  # fmt: skip


def parsed(row: Mapping[str, Any]) -> Listed:
    """Read one row of GitHub's answer."""
    author = row["user"] or {"login": "", "type": GHOST}
    base, head = row["base"], row["head"]
    return Listed(
        number=row["number"],
        node_id=row["node_id"],
        state="merged" if row["merged_at"] else row["state"],
        title=text(row["title"]),
        body=text(row["body"]),
        author=text(author["login"]),
        author_type=author["type"],
        author_association=row["author_association"],
        labels=tuple(text(label["name"]) for label in row["labels"]),
        milestone=text(row["milestone"]["title"]) if row["milestone"] else None,
        draft=bool(row.get("draft")),
        created_at=moment(row["created_at"]),
        updated_at=moment(row["updated_at"]),
        closed_at=maybe_moment(row["closed_at"]),
        merged_at=maybe_moment(row["merged_at"]),
        base_ref=text(base["ref"]),
        base_sha=base["sha"],
        head_ref=text(head["ref"]),
        head_sha=head["sha"],
        merge_commit_sha=row["merge_commit_sha"],
        # a repository may be null in a head, never in a base
        default_branch=text(base["repo"]["default_branch"]),
    )


def is_of(row: Mapping[str, Any], key: str) -> bool:
    """Say whether a row of GitHub's answer is of the repository with the node id `key`.

    A node id holds the number that GitHub calls `id`. A row that tells neither is taken for one.
    """
    told = row["base"]["repo"]
    node_id, number = told.get("node_id"), told.get("id")
    if node_id is None or canonical(node_id) == key:
        return True
    return number is not None and number == number_of(key)


def text(value: str | None) -> str:
    """Return a text of GitHub's that may be absent, without what UTF-8 cannot hold.

    JSON can escape half of a surrogate pair; GitHub has sent such text in titles cut by others.
    """
    return (value or "").encode("utf-8", "replace").decode()


def moment(value: str) -> datetime:
    """Read a time of GitHub's: 2026-11-21T06:58:42Z."""
    return datetime.fromisoformat(value)


def maybe_moment(value: str | None) -> datetime | None:
    """Read a time that may be absent."""
    return moment(value) if value else None
