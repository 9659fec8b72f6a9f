"""What the search_commits program may be told."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from codekiln.core.settings import Input, OptionalPath, Section

OptionalDate = Annotated[date | None, BeforeValidator(lambda value: value or None)]
"""A date, or nothing (an empty flag)."""


class Settings(Section):
    """Find the commits whose meaning is nearest to a question."""

    embeddings: Input = Field(description="folder that the embed_commits phase wrote")
    query: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, description="what to look for, in plain words"
    )
    limit: int = Field(10, ge=1, le=1000, description="how many commits to show")
    author: str = Field("", description="only authors with this in their name")
    since: OptionalDate = Field(None, description="only commits from this day on: YYYY-MM-DD")
    format: Literal["table", "json"] = Field(
        "table", description="json: one object a line; table: for a terminal, tabs in a pipe"
    )
    model: OptionalPath = Field(
        None, description="sentence-transformers folder, if embed_commits was given one"
    )
