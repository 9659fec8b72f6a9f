"""What GitHub's answers say of a repository, as a record: from REST, and from GraphQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from codekiln.core.corpus.node_ids import canonical
from codekiln.core.corpus.repositories import Repository

UNKNOWN = "NOASSERTION"
"""What GitHub says of a license that it does not recognize."""

FIELDS = """
  id nameWithOwner defaultBranchRef { name } licenseInfo { spdxId } stargazerCount diskUsage
  pushedAt isArchived isFork primaryLanguage { name } description
"""
"""The same in GraphQL."""


def from_rest(told: Mapping[str, Any]) -> Repository:
    """Read a repository of REST (`Full Repository` and those of a search are alike in this)."""
    return Repository(
        node_id=canonical(told["node_id"]),
        name=told["full_name"],
        default_branch=told["default_branch"] or "",
        license=_spdx((told["license"] or {}).get("spdx_id")),
        stars=told["stargazers_count"],
        size_kib=told["size"],
        pushed_at=_time(told["pushed_at"]),
        archived=told["archived"],
        fork=told["fork"],
        language=told["language"] or "",
        description=told["description"] or "",
    )


def from_graphql(told: Mapping[str, Any]) -> Repository:
    """Read a repository that was asked for with FIELDS."""
    return Repository(
        node_id=canonical(told["id"]),
        name=told["nameWithOwner"],
        default_branch=(told["defaultBranchRef"] or {}).get("name", ""),
        license=_spdx((told["licenseInfo"] or {}).get("spdxId")),
        stars=told["stargazerCount"],
        size_kib=told["diskUsage"] or 0,
        pushed_at=_time(told["pushedAt"]),
        archived=told["isArchived"],
        fork=told["isFork"],
        language=(told["primaryLanguage"] or {}).get("name", ""),
        description=told["description"] or "",
    )


def _spdx(told: str | None) -> str:
    return "" if told in (None, UNKNOWN) else str(told)


def _time(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
