"""What the collect_pulls phase may be told."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from codekiln.core.settings import Input, InRun, Output, Section


class Settings(Section):
    """Bring pull requests of GitHub repositories into a data set, and account for each of them."""

    data: str = Field(
        min_length=1, description="URI of the data set: a folder, or s3://BUCKET/PREFIX"
    )
    repositories: Input = Field(description="folder that discover_repos wrote")
    collected: Output = Field(description="folder for the version written and the ledger's sums")
    max_pulls: int = Field(
        500, ge=0, description="newest pull requests that pass the first filters; 0: all"
    )
    shard: int = Field(0, ge=0, description="collect only this part of the repositories, from 0")
    shards: int = Field(
        1, ge=1, le=256, description="parts collected side by side; they share the token's limits"
    )
    merged_only: bool = Field(True, description="leave out what was never merged")
    bots: bool = Field(False, description="keep what bots opened")
    default_branch_only: bool = Field(
        False, description="leave out what was opened against another branch"
    )
    max_age_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="leave out what was opened more days before the run; 0: keep all",
    )
    min_files: int = Field(1, ge=0, description="fewest kept files (*.go) that one changes")
    max_files: int = Field(20, ge=1, description="most kept files that one changes")
    min_additions: int = Field(10, ge=0, description="fewest lines added in kept files")
    max_additions: int = Field(2000, ge=1, description="most lines added in kept files")
    overlap_hours: int = Field(
        24,
        ge=0,
        le=876_000,
        description="hours before the last run's newest change that are read again",
    )
    repositories_at_once: int = Field(24, ge=1, le=64, description="repositories at work")
    git_processes: int = Field(
        0, ge=0, le=64, description="repositories whose git is at work; 0: one a core"
    )
    commit_seconds: int = Field(
        60, ge=0, description="what was read is committed so often; 0: after every page"
    )
    conversation: bool = Field(
        True, description="collect comments and reviews too, for most of GitHub's time"
    )
    run: Annotated[str, InRun()] = Field("", description="the run, kept with each version")

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if self.shard >= self.shards:
            raise ValueError(
                f"shard is {self.shard} of {self.shards} shards: give 0 to {self.shards - 1}"
            )
        if self.min_files > self.max_files:
            raise ValueError(f"min_files {self.min_files} is over max_files {self.max_files}")
        if self.min_additions > self.max_additions:
            raise ValueError(
                f"min_additions {self.min_additions} is over max_additions {self.max_additions}"
            )
        return self
