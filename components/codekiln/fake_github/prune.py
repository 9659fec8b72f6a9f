"""Makes schema.graphql: the part of GitHub's real GraphQL schema that the fake can answer.

    npm pack @octokit/graphql-schema@15.26.1 && tar xzf octokit-graphql-schema-15.26.1.tgz
    python -m codekiln.fake_github.prune package/schema.graphql

Fields, arguments and types are kept as GitHub wrote them, or left out whole; descriptions are left
out. What is kept is listed here; scalars, enums and inputs come along with the fields that use
them.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import parse, print_ast
from graphql.language import ast

VERSION = "15.26.1"
PACKAGE = f"@octokit/graphql-schema@{VERSION}"
TARGET = Path(__file__).with_name("schema.graphql")
HEADER = f"""\
# A part of GitHub's GraphQL schema, made by codekiln.fake_github.prune. Do not edit.
# Source: npm {PACKAGE}, file schema.graphql. Fields verbatim, descriptions left out.
# Licence of the package: MIT, Copyright (c) GitHub 2025 (see its LICENSE.md).

"""

_CONNECTION = "edges nodes pageInfo totalCount"
_ACTOR = "login url avatarUrl resourcePath"
_DATES = "createdAt updatedAt"
KEPT: Mapping[str, str] = {
    "Query": "id node nodes repository rateLimit search viewer",
    "Node": "id",
    "Actor": _ACTOR,
    "RepositoryOwner": f"id {_ACTOR}",
    "GitObject": "id oid abbreviatedOid commitUrl",
    "Comment": f"id author authorAssociation body bodyText lastEditedAt {_DATES}",
    "User": f"id databaseId name {_ACTOR} {_DATES}",
    "Bot": f"id databaseId {_ACTOR} {_DATES}",
    "Organization": f"id databaseId name {_ACTOR} {_DATES}",
    "Repository": f"""id databaseId name nameWithOwner owner url description homepageUrl {_DATES}
        pushedAt isArchived isDisabled isEmpty isFork isLocked isMirror isPrivate isTemplate
        isInOrganization visibility diskUsage stargazerCount forkCount defaultBranchRef
        primaryLanguage licenseInfo pullRequest pullRequests issue issues hasIssuesEnabled
        resourcePath""",
    "Ref": "id name prefix target",
    "Language": "id name color",
    "License": "id key name spdxId url",
    "PullRequest": f"""id databaseId fullDatabaseId number title body bodyText url permalink state
        closed closedAt {_DATES} mergedAt merged mergedBy mergeCommit mergeable isDraft
        isCrossRepository author authorAssociation additions deletions changedFiles baseRefName
        baseRefOid headRefName headRefOid baseRepository headRepository headRepositoryOwner
        repository labels milestone comments reviews latestReviews reviewThreads reviewDecision
        closingIssuesReferences commits files totalCommentsCount statusCheckRollup locked
        lastEditedAt""",
    "PullRequestConnection": _CONNECTION,
    "PullRequestEdge": "cursor node",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "Label": "id name color description isDefault url",
    "LabelConnection": _CONNECTION,
    "LabelEdge": "cursor node",
    "Milestone": f"id number title state description closed closedAt dueOn {_DATES} url",
    "IssueComment": f"""id databaseId author authorAssociation body bodyText lastEditedAt {_DATES}
        publishedAt url isMinimized minimizedReason""",
    "IssueCommentConnection": _CONNECTION,
    "IssueCommentEdge": "cursor node",
    "PullRequestReview": f"""id databaseId author authorAssociation body bodyText lastEditedAt
        {_DATES} submittedAt publishedAt state url comments commit""",
    "PullRequestReviewConnection": _CONNECTION,
    "PullRequestReviewEdge": "cursor node",
    "PullRequestReviewComment": f"""id databaseId author authorAssociation body bodyText
        lastEditedAt {_DATES} publishedAt path line originalLine diffHunk outdated url""",
    "PullRequestReviewCommentConnection": _CONNECTION,
    "PullRequestReviewCommentEdge": "cursor node",
    "PullRequestReviewThread": "id isResolved isOutdated path line comments",
    "PullRequestReviewThreadConnection": _CONNECTION,
    "PullRequestReviewThreadEdge": "cursor node",
    "Issue": f"""id databaseId number title body bodyText url state stateReason closed closedAt
        {_DATES} author authorAssociation lastEditedAt labels repository""",
    "IssueConnection": _CONNECTION,
    "IssueEdge": "cursor node",
    "Commit": """id oid abbreviatedOid commitUrl url message messageHeadline messageBody
        authoredDate committedDate author committer additions deletions statusCheckRollup""",
    "GitActor": "name email date user",
    "StatusCheckRollup": "id state",
    "PullRequestCommit": "id commit pullRequest url",
    "PullRequestCommitConnection": _CONNECTION,
    "PullRequestCommitEdge": "cursor node",
    "PullRequestChangedFile": "path additions deletions changeType",
    "PullRequestChangedFileConnection": _CONNECTION,
    "PullRequestChangedFileEdge": "cursor node",
    "RateLimit": "cost limit nodeCount remaining resetAt used",
    "SearchResultItem": "Repository PullRequest Issue User Organization",
    "SearchResultItemConnection": "edges nodes pageInfo repositoryCount issueCount userCount",
    "SearchResultItemEdge": "cursor node",
}
"""Type -> the fields that are kept; of a union, the members."""

_BUILT_IN = frozenset({"Int", "Float", "String", "Boolean", "ID"})
_PARTS = ("fields", "arguments", "values")


def prune(schema: str) -> str:
    """Return the kept part of `schema`; raises KeyError where it lacks something that is listed."""
    whole = {
        node.name.value: node
        for node in parse(schema).definitions
        if isinstance(node, ast.TypeDefinitionNode)
    }
    kept = {name: _part(whole[name], names.split()) for name, names in KEPT.items()}
    waiting = set().union(*map(_used, kept.values())) - kept.keys() - _BUILT_IN
    while waiting:
        name = waiting.pop()
        if isinstance(whole[name], ast.ObjectTypeDefinitionNode | ast.InterfaceTypeDefinitionNode):
            raise KeyError(f"a kept field gives {name}: list it in KEPT, or leave the field out")
        kept[name] = _bare(whole[name])
        waiting |= _used(kept[name]) - kept.keys() - _BUILT_IN
    return HEADER + "\n\n".join(print_ast(kept[name]) for name in sorted(kept)) + "\n"


def _part(node: ast.TypeDefinitionNode, names: list[str]) -> ast.TypeDefinitionNode:
    """Return an object, an interface or a union with only the fields or members `names`."""
    part = _bare(node)
    if isinstance(part, ast.UnionTypeDefinitionNode):
        members = [member for member in part.types or () if member.name.value in names]
        return replace(part, types=tuple(members))
    if not isinstance(part, ast.ObjectTypeDefinitionNode | ast.InterfaceTypeDefinitionNode):
        raise KeyError(f"{part.name.value} has neither fields nor members")
    fields = {field.name.value: field for field in part.fields or ()}
    interfaces = [one for one in part.interfaces or () if one.name.value in KEPT]
    chosen = tuple(fields[name] for name in sorted(names))
    return replace(part, fields=chosen, interfaces=tuple(interfaces))


def _bare(node: Any) -> Any:
    """Return a definition without descriptions, and without directives but @deprecated."""
    told = [one for one in node.directives or () if one.name.value == "deprecated"]
    parts = {name: getattr(node, name, None) for name in _PARTS}
    bare = {name: tuple(map(_bare, part)) for name, part in parts.items() if part}
    return replace(node, description=None, directives=tuple(told), **bare)


def _used(node: Any) -> set[str]:
    """Return the names of all types that a definition mentions, in fields and arguments."""
    found: set[str] = set()
    for part in _PARTS:
        for one in getattr(node, part, None) or ():
            found |= _used(one)
    kind = getattr(node, "type", None)
    while kind is not None and not isinstance(kind, ast.NamedTypeNode):
        kind = kind.type
    return found | ({kind.name.value} if kind is not None else set())


if __name__ == "__main__":
    TARGET.write_text(prune(Path(sys.argv[1]).read_text("utf-8")), "utf-8")
