"""How the fields of pull requests and of commits are answered."""

from typing import Any

from codekiln.fake_github import node_ids
from codekiln.fake_github.accounts import Account, account
from codekiln.fake_github.dice import mix
from codekiln.fake_github.graph import ActorNode, CommitNode
from codekiln.fake_github.moments import stamp
from codekiln.fake_github.people import Person
from codekiln.fake_github.plans import Resolve, constant
from codekiln.fake_github.pulls import CommitFacts
from codekiln.fake_github.small import Small

SITE = "https://github.com"


def when(moment: int) -> str | None:
    """Write a moment, if it has come."""
    return stamp(moment) if moment else None


PULL: dict[str, Resolve] = {
    "id": lambda one, _: one.repository.node_id_of(one.pull.index),
    "databaseId": lambda one, _: one.pull.id if one.pull.id < 1 << 31 else None,
    "fullDatabaseId": lambda one, _: str(one.pull.id),
    "number": lambda one, _: one.pull.number,
    "title": lambda one, _: one.pull.title,
    "body": lambda one, _: one.pull.story.body,
    "bodyText": lambda one, _: one.pull.story.body,
    "url": lambda one, _: page(one),
    "permalink": lambda one, _: page(one),
    "state": lambda one, _: one.repository.state(one.pull.index),
    "closed": lambda one, _: not one.pull.is_open,
    "closedAt": lambda one, _: when(one.pull.closed_at),
    "createdAt": lambda one, _: stamp(one.pull.created_at),
    "updatedAt": lambda one, _: stamp(one.pull.updated_at),
    "mergedAt": lambda one, _: when(one.pull.closed_at) if one.pull.is_merged else None,
    "merged": lambda one, _: one.pull.is_merged,
    "mergedBy": lambda one, _: account(one.pull.merged_by),
    "mergeCommit": lambda one, _: _merge_commit(one) if one.pull.is_merged else None,
    "mergeable": lambda one, _: "MERGEABLE" if one.pull.is_open else "UNKNOWN",
    "isDraft": lambda one, _: one.pull.is_draft,
    "isCrossRepository": lambda one, _: bool(one.pull.fork_owner),
    "locked": constant(False),
    "lastEditedAt": constant(None),
    "author": lambda one, _: account(one.pull.author),
    "authorAssociation": lambda one, _: one.pull.association,
    "additions": lambda one, _: one.changed.additions,
    "deletions": lambda one, _: one.changed.deletions,
    "changedFiles": lambda one, _: len(one.changed.files),
    "baseRefName": lambda one, _: one.repository.spec.default_branch,
    "baseRefOid": lambda one, _: one.pull.base_sha,
    "headRefName": lambda one, _: one.pull.story.branch,
    "headRefOid": lambda one, _: one.pull.head_sha,
    "baseRepository": lambda one, _: one.where,
    "headRepository": lambda one, _: None if one.pull.fork_owner else one.where,
    "headRepositoryOwner": lambda one, _: (
        account(one.pull.author) if one.pull.fork_owner else one.where.owner()
    ),
    "repository": lambda one, _: one.where,
    "labels": lambda one, told: one.labels(told),
    "milestone": lambda one, _: _milestone(one),
    "comments": lambda one, told: one.comments(told),
    "reviews": lambda one, told: one.reviews(told),
    "latestReviews": lambda one, told: one.reviews(told),
    "reviewThreads": lambda one, told: one.threads(told),
    "reviewDecision": lambda one, _: _decision(one),
    "closingIssuesReferences": lambda one, told: one.closing(told),
    "commits": lambda one, told: one.commits(told),
    "files": lambda one, told: one.files(told),
    "totalCommentsCount": lambda one, _: one.pull.comments + one.pull.remarks,
    "statusCheckRollup": lambda one, _: _rollup(one.repository.salt, one.pull.head_sha),
}


def page(one: Any) -> str:
    """Return the page of a pull request."""
    return f"{SITE}/{one.repository.name}/pull/{one.pull.number}"


def _merge_commit(one: Any) -> CommitNode:
    by = one.pull.merged_by or one.pull.author
    title = f"{one.pull.title} (#{one.pull.number})"
    return CommitNode(one.where, CommitFacts(one.pull.merge_sha, by, one.pull.closed_at, title))


def _milestone(one: Any) -> Small | None:
    if not one.pull.milestone:
        return None
    number = one.pull.milestone
    return Small(
        "Milestone",
        id=node_ids.encode("MI", one.repository.id, number),
        number=number,
        title=f"v0.{number}",
        state="CLOSED",
        description=None,
        closed=True,
        closedAt=stamp(one.pull.created_at + 1_000_000),
        dueOn=None,
        createdAt=stamp(one.pull.created_at),
        updatedAt=stamp(one.pull.created_at),
        url=f"{SITE}/{one.repository.name}/milestone/{number}",
    )


def _decision(one: Any) -> str | None:
    states = [review.state for review in one.said]
    if "APPROVED" in states[-1:]:
        return "APPROVED"
    if "CHANGES_REQUESTED" in states:
        return "CHANGES_REQUESTED"
    return "REVIEW_REQUIRED" if one.pull.is_open else None


_STATES = ("SUCCESS",) * 24 + ("FAILURE",) * 5 + ("ERROR", "PENDING", "")


def _rollup(salt: int, sha: str) -> Small | None:
    """Return the verdict of a commit's checks; one in thirty-two was never checked."""
    state = _STATES[mix(salt ^ int(sha[:8], 16)) % len(_STATES)]
    return Small("StatusCheckRollup", id=f"SCR_{sha[:16]}", state=state) if state else None


COMMIT: dict[str, Resolve] = {
    "id": lambda one, _: f"C_{one.commit.sha}",
    "oid": lambda one, _: one.commit.sha,
    "abbreviatedOid": lambda one, _: one.commit.sha[:7],
    "url": lambda one, _: f"{SITE}/{one.where.repository.name}/commit/{one.commit.sha}",
    "commitUrl": lambda one, _: f"{SITE}/{one.where.repository.name}/commit/{one.commit.sha}",
    "message": lambda one, _: one.commit.message,
    "messageHeadline": lambda one, _: one.commit.message.split("\n")[0],
    "messageBody": lambda one, _: one.commit.message.partition("\n\n")[2],
    "authoredDate": lambda one, _: stamp(one.commit.time),
    "committedDate": lambda one, _: stamp(one.commit.time),
    "author": lambda one, _: ActorNode(one.commit.author, one.commit.time),
    "committer": lambda one, _: ActorNode(one.commit.author, one.commit.time),
    "additions": lambda one, _: 1 + int(one.commit.sha[:2], 16),
    "deletions": lambda one, _: int(one.commit.sha[2:4], 16),
    "statusCheckRollup": lambda one, _: _rollup(one.where.repository.salt, one.commit.sha),
}


def _user(person: Person) -> Account | None:
    return None if person.is_bot else account(person)


GIT_ACTOR: dict[str, Resolve] = {
    "name": lambda one, _: one.person.name,
    "email": lambda one, _: one.person.email,
    "date": lambda one, _: stamp(one.time),
    "user": lambda one, _: _user(one.person),
}
