"""What the pack_examples phase may be told."""

from typing import Self

from pydantic import Field, model_validator

from codekiln.core.settings import Input, Output, Section

MARKERS = 10
"""Tokens that an example has beside its texts: two markers a section, BOS and EOS."""


class Settings(Section):
    """Encode cleaned examples, each section within its budget, and pack them into full rows."""

    cleaned: Input = Field(description="folder that the clean_corpus phase wrote")
    tokenizer: Input = Field(description="folder that the train_tokenizer phase wrote")
    tokens: Output = Field(description="folder to write tokens into, or where they lie")
    corpus: str = Field(
        "",
        description="path or s3:// URI: tokens/DIGEST is written there; empty: into the folder",
    )
    length: int = Field(1024, ge=64, le=16_384, description="tokens of a row")
    problem_tokens: int = Field(
        144, ge=1, description="tokens that the problem has for certain; cut at a line end beyond"
    )
    context_tokens: int = Field(
        270, ge=0, description="tokens that the context has for certain; cut at a line end beyond"
    )
    plan_tokens: int = Field(120, ge=1, description="tokens that the plan has; it is never cut")
    code_tokens: int = Field(480, ge=1, description="tokens that the code has; it is never cut")
    validation_share: float = Field(
        0.1, ge=0, le=0.5, description="share of the repositories that are not trained on"
    )
    epochs: int = Field(10, ge=1, description="times that the data will be trained on")
    target_tokens: int = Field(
        4_000_000_000, ge=1, description="tokens that are to be trained over all epochs"
    )
    export: int = Field(
        -1,
        ge=-1,
        description="examples written into each of train.jsonl and val.jsonl; -1: all, 0: none",
    )
    window: int = Field(
        65_536,
        ge=1,
        description="examples that rows are chosen from at a time: memory against fill",
    )
    shard_rows: int = Field(65_536, ge=1, description="rows of one file")
    job_examples: int = Field(2000, ge=1, description="examples in one turn of a worker, about")
    workers: int = Field(0, ge=0, le=256, description="processes at work; 0: one for each core")

    @model_validator(mode="after")
    def _budgets_fit(self) -> Self:
        told = self.problem_tokens + self.context_tokens + self.plan_tokens + self.code_tokens
        if told + MARKERS > self.length:
            raise ValueError(
                f"budgets of {told} tokens and {MARKERS} markers are over length {self.length}: "
                "make the budgets smaller"
            )
        return self
