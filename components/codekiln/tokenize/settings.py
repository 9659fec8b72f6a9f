"""What the tokenize phase may be told."""

from pydantic import Field, model_validator

from codekiln.core.settings import Input, OptionalPath, Output, Section


class Settings(Section):
    """Write each commit as text with markers, in time order, and encode it."""

    commits: Input = Field(description="folder that the mine_commits phase wrote")
    tokens: Output = Field(description="folder to write tokens into")
    tokenizer: OptionalPath = Field(
        None, description="GPT-2 tokenizer folder to use; empty: train one on the history"
    )
    vocab_size: int = Field(16_384, ge=300, le=1 << 20, description="ids of a trained tokenizer")
    training_mib: int = Field(64, ge=1, description="MiB of commit text a tokenizer is trained on")
    window: int = Field(2048, ge=16, description="tokens a sequence")
    overlap: int = Field(256, ge=0, description="tokens that two neighboring sequences share")
    commit_chars: int = Field(
        4_000, ge=200, description="longest text of one commit in characters; its diff is cut"
    )
    export: bool = Field(True, description="also write sequences.json, for people and jq")

    @model_validator(mode="after")
    def overlap_is_below_window(self) -> "Settings":
        """Refuse windows that would never move on."""
        if self.overlap >= self.window:
            raise ValueError(
                f"overlap is {self.overlap}, window {self.window}: overlap must be the smaller"
            )
        return self
