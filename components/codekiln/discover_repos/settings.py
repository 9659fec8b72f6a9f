"""What the discover_repos phase may be told."""

from typing import Annotated

from pydantic import AfterValidator, Field

from codekiln.core.corpus import licenses as families
from codekiln.core.settings import InRun, Output, Section


class Settings(Section):
    """List the repositories to collect from: those a search finds, or those of the user's list."""

    data: str = Field(
        min_length=1, description="where the collected data lies: a folder, or s3://BUCKET/PREFIX"
    )
    found: Output = Field(description="folder to write the list of repositories into")
    repositories: str = Field(
        "", description="owner/name ..., or a file of them; empty: search for them"
    )
    language: str = Field("Go", description="language to search for; empty: any")
    min_stars: int = Field(100, ge=0, description="fewest stars of what a search finds")
    max_repositories: int = Field(
        3000, ge=1, description="repositories at most that a search finds, those with most stars"
    )
    as_of: str = Field(
        "", description="moment that ages are counted from (2026-11-21T02:00Z); empty: now"
    )
    licenses: Annotated[str, AfterValidator(families.checked)] = Field(
        families.PERMISSIVE,
        description="SPDX identifiers, or families of them: permissive, weak-copyleft, any",
    )
    max_size_gib: float = Field(1.0, gt=0, description="largest repository, by GitHub's count")
    active_within_days: int = Field(
        730, ge=1, le=36500, description="days within which something was pushed"
    )
    filter_list: bool = Field(
        False, description="hold a list of the user's against language, stars, licenses ... too"
    )
    refresh_days: float = Field(
        7.0, ge=0, le=36500, description="days for which an earlier search's answer will do"
    )
    run: Annotated[str, InRun()] = Field("", description="name of the run; empty: its folder")
