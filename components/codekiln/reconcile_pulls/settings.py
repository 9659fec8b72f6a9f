"""What the reconcile_pulls phase may be told."""

from typing import Annotated

from pydantic import Field

from codekiln.core.settings import InRun, OptionalPath, Output, Section


class Settings(Section):
    """Account for every pull request, hold the sums against GitHub's, and say what is missing."""

    data: str = Field(
        min_length=1, description="where the collected data lies: a folder, or s3://BUCKET/PREFIX"
    )
    ledger: Output = Field(description="folder to write the page and the document into")
    page: OptionalPath = Field(None, description="file to write the page into once more")
    gate: bool = Field(
        False, description="fail where too much is unaccounted for; name the version where not"
    )
    max_unaccounted: float = Field(
        0.01, ge=0, le=1, description="share of pull requests that may be unaccounted for"
    )
    max_failed: float = Field(
        0.05, ge=0, le=1, description="share of pull requests that may have failed"
    )
    max_gone: float = Field(
        0.2,
        ge=0,
        le=1,
        description="share of the listed repositories that may be gone, or hidden from the token; "
        "one or two always may",
    )
    name: str = Field("", description="name for the version; empty: collect-TIME")
    keep_versions: int = Field(
        20, ge=1, description="newest versions that stay; those with a name always do"
    )
    run: Annotated[str, InRun()] = Field(
        "", description="folder or URI under which every step's outputs lie; empty: this run's"
    )
