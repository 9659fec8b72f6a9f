"""Makes rows of GitHub's lists of pull requests for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from codekiln.collect_pulls.listing import Listed

START = datetime(2026, 1, 1, tzinfo=UTC)


def listed(number: int, **more: Any) -> Listed:
    """Return a merged pull request that was opened in the hour `number` of the year."""
    opened = START + timedelta(hours=number)
    made = Listed(
        number=number, node_id=f"PR_{number}", state="merged", title="Fix", body="", author="ada",
        author_type="User", author_association="MEMBER", labels=(), milestone=None, draft=False,
        created_at=opened, updated_at=opened, closed_at=opened, merged_at=opened, base_ref="main",
        base_sha="b" * 40, head_ref="fix", head_sha=f"{number:040x}", merge_commit_sha="d" * 40,
        default_branch="main",
    )  # fmt: skip
    return replace(made, **more)


def answer(number: int, **more: Any) -> dict[str, Any]:
    """Return the row in which GitHub's API tells of a pull request, the parts that are read."""
    told = {
        "number": number, "node_id": f"PR_{number}", "state": "closed", "title": "Fix",
        "body": None, "user": {"login": "ada", "type": "User"}, "author_association": "MEMBER",
        "labels": [{"name": "bug"}], "milestone": None, "draft": False,
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
        "closed_at": "2026-01-02T03:04:05Z", "merged_at": "2026-01-02T03:04:05Z",
        "base": {"ref": "main", "sha": "b" * 40, "repo": {"default_branch": "main"}},
        "head": {"ref": "fix", "sha": "c" * 40, "repo": None},
        "merge_commit_sha": None,
    }  # fmt: skip
    return {**told, **more}
