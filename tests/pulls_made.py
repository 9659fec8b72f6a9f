"""Makes records of pull requests for tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from codekiln.core.corpus.pulls import (
    ChangedFile,
    Comment,
    Issue,
    PullCommit,
    PullRequest,
    Review,
    ReviewComment,
)

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def changed(path: str = "main.go", **more: Any) -> ChangedFile:
    """Return a changed file with one line for another."""
    made = ChangedFile(
        path=path, original_path=None, status="modified", additions=1, deletions=1,
        binary=False, patch="@@ -1 +1 @@\n-a\n+b", before="a\n", after="b\n", truncated=False,
    )  # fmt: skip
    return replace(made, **more)


def pull(number: int, **more: Any) -> PullRequest:
    """Return a merged pull request that has one of everything."""
    made = PullRequest(
        repository="acme/router", repository_id="R_1", license="MIT", number=number,
        node_id=f"PR_{number}", state="merged", title="Fix", body="It\nraced.", author="ada",
        author_type="User", author_association="MEMBER", labels=("bug",), milestone=None,
        draft=False, created_at=TIME, updated_at=TIME, closed_at=TIME, merged_at=TIME,
        base_ref="main", base_sha="b" * 40, head_ref="fix", head_sha="c" * 40,
        merge_commit_sha="d" * 40, merge_base="b" * 40, ci_state=None, review_decision=None,
        additions=1, deletions=1, changed_files=1,
        comments=(Comment(author="bo", author_type="User", created_at=TIME, body="ok"),),
        reviews=(Review(author="bo", state="APPROVED", submitted_at=TIME, body=""),),
        review_comments=(
            ReviewComment(
                author="bo", created_at=TIME, path="main.go", line=1, body="?", diff_hunk="@@"
            ),
        ),
        closing_issues=(Issue(repository="acme/router", number=1, title="Race", body=""),),
        commits=(PullCommit(sha="c" * 40, author_name="Ada", time=TIME, message="Fix"),),
        files=(changed(),),
    )  # fmt: skip
    return replace(made, **more)
