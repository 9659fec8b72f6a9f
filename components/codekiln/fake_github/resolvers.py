"""How each field of the schema is answered. A test proves that no field is without an answer."""

from collections.abc import Mapping
from typing import Any

from codekiln.fake_github import connections, node_ids, talk
from codekiln.fake_github.accounts import account
from codekiln.fake_github.graph import Arguments, CommitNode, RepositoryNode
from codekiln.fake_github.moments import stamp
from codekiln.fake_github.plans import Resolve, constant
from codekiln.fake_github.pull_fields import COMMIT, GIT_ACTOR, PULL, SITE, page, when
from codekiln.fake_github.small import Small, labels
from codekiln.fake_github.specs import LICENSES


def _account_fields() -> dict[str, Resolve]:
    return {
        "id": lambda one, _: one.node_id,
        "databaseId": lambda one, _: one.id,
        "login": lambda one, _: one.login,
        "name": lambda one, _: one.name,
        "url": lambda one, _: f"{SITE}/{one.login}",
        "resourcePath": lambda one, _: f"/{one.login}",
        "avatarUrl": lambda one, _: f"https://avatars.githubusercontent.com/u/{one.id}?v=4",
        "createdAt": lambda one, _: stamp(one.since),
        "updatedAt": lambda one, _: stamp(one.since + 1_000_000),
    }


REPOSITORY: dict[str, Resolve] = {
    "id": lambda one, _: one.repository.node_id,
    "databaseId": lambda one, _: one.repository.id,
    "name": lambda one, _: one.repository.name.partition("/")[2],
    "nameWithOwner": lambda one, _: one.repository.name,
    "owner": lambda one, _: one.owner(),
    "url": lambda one, _: f"{SITE}/{one.repository.name}",
    "resourcePath": lambda one, _: f"/{one.repository.name}",
    "description": lambda one, _: one.repository.spec.description or None,
    "homepageUrl": constant(None),
    "createdAt": lambda one, _: stamp(one.repository.created_at),
    "updatedAt": lambda one, _: stamp(one.repository.pushed_at),
    "pushedAt": lambda one, _: stamp(one.repository.pushed_at),
    "isArchived": lambda one, _: one.repository.spec.archived,
    "isFork": lambda one, _: one.repository.spec.fork,
    "isPrivate": lambda one, _: one.repository.spec.private,
    "isDisabled": constant(False),
    "isEmpty": constant(False),
    "isLocked": constant(False),
    "isMirror": constant(False),
    "isTemplate": constant(False),
    "isInOrganization": constant(True),
    "hasIssuesEnabled": constant(True),
    "visibility": lambda one, _: "PRIVATE" if one.repository.spec.private else "PUBLIC",
    "diskUsage": lambda one, _: one.repository.spec.size_kib,
    "stargazerCount": lambda one, _: one.repository.spec.stars,
    "forkCount": lambda one, _: one.repository.spec.stars // 7,
    "defaultBranchRef": lambda one, _: _branch(one),
    "primaryLanguage": lambda one, _: _language(one.repository.spec.language),
    "licenseInfo": lambda one, _: _license(one.repository.spec.license),
    "pullRequest": lambda one, told: one.pull_numbered(told["number"]),
    "pullRequests": lambda one, told: one.pulls(told),
    "issue": lambda one, told: one.issue(told["number"]),
    "issues": lambda one, told: one.issues(told),
}


def _branch(where: RepositoryNode) -> Small:
    name = where.repository.spec.default_branch
    tip = CommitNode(where, where.repository.tip())
    node_id = node_ids.encode("REF", where.repository.id)
    return Small("Ref", id=node_id, name=name, prefix="refs/heads/", target=tip)


def _language(name: str | None) -> Small | None:
    if name is None:
        return None
    return Small("Language", id=f"MDg6TGFuZ3VhZ2U{len(name)}", name=name, color="#00ADD8")


def _license(spdx: str | None) -> Small | None:
    if spdx is None:
        return None
    key = "other" if spdx == "NOASSERTION" else spdx.lower()
    return Small(
        "License",
        id=f"L_{key}",
        key=key,
        name=LICENSES.get(spdx, spdx),
        spdxId=spdx,
        url=f"http://choosealicense.com/licenses/{key}/",
    )


_STATUS = {"removed": "DELETED"}


def _said_fields(prefix: str) -> dict[str, Resolve]:
    def anchor(one: Any, _told: Arguments) -> str:
        return f"{page(one.on)}#{prefix.lower()}-{one.said.id}"

    def said_at(one: Any, _told: Arguments) -> str:
        return stamp(one.said.created_at)

    return {
        "id": lambda one, _: node_ids.encode(prefix, one.on.repository.id, one.said.id),
        "databaseId": lambda one, _: one.said.id if one.said.id < 1 << 31 else None,
        "author": lambda one, _: account(one.said.author),
        "authorAssociation": lambda one, _: (
            one.on.pull.association if one.said.author == one.on.pull.author else "MEMBER"
        ),
        "body": lambda one, _: one.said.body,
        "bodyText": lambda one, _: one.said.body,
        "lastEditedAt": constant(None),
        "createdAt": said_at,
        "updatedAt": said_at,
        "publishedAt": said_at,
        "url": anchor,
    }


ISSUE: dict[str, Resolve] = {
    "id": lambda one, _: node_ids.encode("I", one.repository.id, one.number),
    "databaseId": lambda one, _: one.repository.id + one.number,
    "number": lambda one, _: one.number,
    "title": lambda one, _: one.facts.title,
    "body": lambda one, _: one.facts.body,
    "bodyText": lambda one, _: one.facts.body,
    "url": lambda one, _: f"{SITE}/{one.repository.name}/issues/{one.number}",
    "state": lambda one, _: "CLOSED" if one.facts.closed_at else "OPEN",
    "stateReason": lambda one, _: "COMPLETED" if one.facts.closed_at else None,
    "closed": lambda one, _: bool(one.facts.closed_at),
    "closedAt": lambda one, _: when(one.facts.closed_at),
    "createdAt": lambda one, _: stamp(one.facts.created_at),
    "updatedAt": lambda one, _: stamp(one.facts.closed_at or one.facts.created_at),
    "author": lambda one, _: account(one.facts.author),
    "authorAssociation": constant("CONTRIBUTOR"),
    "lastEditedAt": constant(None),
    "labels": lambda one, told: labels(one.repository, ("bug",), told),
    "repository": lambda one, _: one.where,
}


def _values(*names: str) -> dict[str, Resolve]:
    return {name: _value(name) for name in names}


def _value(name: str) -> Resolve:
    return lambda one, _: one.values[name]


def _search_fields() -> dict[str, dict[str, Resolve]]:
    found = connections.fields("SearchResultItem")
    more = found["SearchResultItemConnection"]
    del more["totalCount"]
    more["repositoryCount"] = lambda one, _: one.found
    more["issueCount"] = more["userCount"] = constant(0)
    return found


RESOLVERS: Mapping[str, Mapping[str, Resolve]] = {
    "User": _account_fields(),
    "Bot": _account_fields(),
    "Organization": _account_fields(),
    "Repository": REPOSITORY,
    "PullRequest": PULL,
    "Issue": ISSUE,
    "Commit": COMMIT,
    "GitActor": GIT_ACTOR,
    "PullRequestCommit": {
        "id": lambda one, _: f"PURC_{one.commit.sha}",
        "commit": lambda one, _: CommitNode(one.on.where, one.commit),
        "pullRequest": lambda one, _: one.on,
        "url": lambda one, _: f"{page(one.on)}/commits/{one.commit.sha}",
    },
    "IssueComment": {
        **_said_fields("IC"),
        "isMinimized": constant(False),
        "minimizedReason": constant(None),
    },
    "PullRequestReview": {
        **_said_fields("PRR"),
        "state": lambda one, _: one.said.state,
        "submittedAt": lambda one, _: stamp(one.said.created_at),
        "comments": lambda one, told: one.on.talk("PullRequestReviewComment", [], told),
        "commit": lambda one, _: CommitNode(one.on.where, one.on.changed.commits[-1]),
    },
    "PullRequestReviewComment": {
        **_said_fields("PRRC"),
        "path": lambda one, _: one.on.pull.story.path,
        "line": lambda one, _: talk.line_of(one.said),
        "originalLine": lambda one, _: talk.line_of(one.said),
        "diffHunk": lambda one, _: talk.hunk_of(one.on.pull, one.said),
        "outdated": constant(False),
    },
    "PullRequestReviewThread": {
        "id": lambda one, _: node_ids.encode("PRRT", one.on.repository.id, one.on.pull.id * 16),
        "isResolved": lambda one, _: not one.on.pull.is_open,
        "isOutdated": constant(False),
        "path": lambda one, _: one.on.pull.story.path,
        "line": constant(None),
        "comments": lambda one, told: one.comments(told),
    },
    "PullRequestChangedFile": {
        "path": lambda one, _: one.file.path,
        "additions": lambda one, _: one.file.additions,
        "deletions": lambda one, _: one.file.deletions,
        "changeType": lambda one, _: _STATUS.get(one.file.status, one.file.status.upper()),
    },
    "Label": _values("id", "name", "color", "description", "isDefault", "url"),
    "License": _values("id", "key", "name", "spdxId", "url"),
    "Language": _values("id", "name", "color"),
    "Ref": _values("id", "name", "prefix", "target"),
    "StatusCheckRollup": _values("id", "state"),
    "Milestone": _values(
        "id", "number", "title", "state", "description", "closed", "closedAt", "dueOn",
        "createdAt", "updatedAt", "url",
    ),
    "RateLimit": _values("cost", "limit", "nodeCount", "remaining", "resetAt", "used"),
    "PageInfo": connections.PAGE_INFO,
    **_search_fields(),
    **connections.fields("PullRequest"),
    **connections.fields("Issue"),
    **connections.fields("Label"),
    **connections.fields("IssueComment"),
    **connections.fields("PullRequestReview"),
    **connections.fields("PullRequestReviewComment"),
    **connections.fields("PullRequestReviewThread"),
    **connections.fields("PullRequestCommit"),
    **connections.fields("PullRequestChangedFile"),
}  # fmt: skip
"""Type -> field -> how it is answered, for all types but Query."""
