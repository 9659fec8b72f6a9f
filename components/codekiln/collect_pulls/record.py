"""Putting a pull request together from what the three sources tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from codekiln.collect_pulls.details import Details
from codekiln.collect_pulls.listing import Listed
from codekiln.core.corpus.pulls import Changes, PullRequest, ReviewComment


@dataclass(frozen=True, slots=True)
class Origin:
    """The repository of a pull request: its node id, its owner/name, its license (SPDX)."""

    node_id: str
    name: str
    license: str


def record(
    origin: Origin,
    listed: Listed,
    details: Details,
    review_comments: Sequence[ReviewComment],
    changes: Changes,
) -> PullRequest:
    """Return the whole record of one pull request."""
    return PullRequest(
        repository=origin.name,
        repository_id=origin.node_id,
        license=origin.license,
        number=listed.number,
        node_id=listed.node_id,
        state=listed.state,
        title=listed.title,
        body=listed.body,
        author=listed.author,
        author_type=listed.author_type,
        author_association=listed.author_association,
        labels=listed.labels,
        milestone=listed.milestone,
        draft=listed.draft,
        created_at=listed.created_at,
        updated_at=listed.updated_at,
        closed_at=listed.closed_at,
        merged_at=listed.merged_at,
        base_ref=listed.base_ref,
        base_sha=listed.base_sha,
        head_ref=listed.head_ref,
        head_sha=listed.head_sha,
        merge_commit_sha=listed.merge_commit_sha,
        merge_base=changes.merge_base,
        ci_state=details.ci_state,
        review_decision=details.review_decision,
        additions=details.additions,
        deletions=details.deletions,
        changed_files=details.changed_files,
        comments=details.comments,
        reviews=details.reviews,
        review_comments=tuple(review_comments),
        closing_issues=details.closing_issues,
        commits=tuple(changes.commits),
        files=tuple(changes.files),
    )
