"""What the embed_commits phase may be told."""

from pydantic import Field

from codekiln.core.settings import Input, OptionalPath, Output, Section


class Settings(Section):
    """Turn each commit's message and paths into one vector, for search by meaning."""

    commits: Input = Field(description="folder that the mine_commits phase wrote")
    embeddings: Output = Field(description="folder to write vectors and points into")
    model: OptionalPath = Field(
        None, description="sentence-transformers folder to use; empty: all-MiniLM-L6-v2"
    )
