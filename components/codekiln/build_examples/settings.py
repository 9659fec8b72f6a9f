"""What the build_examples phase may be told."""

from typing import Self

from pydantic import Field, model_validator

from codekiln.core.settings import Input, Output, Section


class Settings(Section):
    """Make examples of problem, context, plan and solution from collected pull requests."""

    collected: Input = Field(
        description="folder that snapshot_pulls or collect_pulls wrote, or one of Parquet files of "
        "pull requests"
    )
    examples: Output = Field(
        description="folder to write examples-*.parquet into, or the reference to the corpus"
    )
    corpus: str = Field(
        "",
        description="folder or s3://BUCKET/PREFIX of the data set CORPUS/examples, to which what "
        "is new is added; empty: all examples go into the output folder",
    )
    version: str = Field(
        "", description="number or name of the data set's version; empty: the one collected"
    )
    shard: int = Field(0, ge=0, description="make only this part of the repositories, from 0")
    shards: int = Field(1, ge=1, le=256, description="parts made side by side")
    max_code_chars: int = Field(
        1400, ge=100, description="characters of a solution; Go has 3.1 a token, so about 450"
    )
    max_context_chars: int = Field(1400, ge=0, description="characters of what stood there before")
    max_details_chars: int = Field(
        4000, ge=0, description="characters kept of a pull request's text"
    )
    max_steps: int = Field(5, ge=1, description="steps of one plan")
    max_examples: int = Field(20, ge=1, description="examples of one pull request")
    max_file_kib: int = Field(512, ge=1, description="KiB of the largest file that is parsed")
    tests: bool = Field(False, description="keep files of tests")
    job_pulls: int = Field(
        1000, ge=1, description="pull requests in one turn of a worker, thus about in one file"
    )
    commit_seconds: int = Field(
        30, ge=0, description="with a corpus: what was made is committed so often; 0: each shard"
    )
    workers: int = Field(0, ge=0, le=256, description="processes at work; 0: one for each core")

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if self.shard >= self.shards:
            raise ValueError(
                f"shard is {self.shard} of {self.shards} shards: give 0 to {self.shards - 1}"
            )
        return self
