"""What the train_tokenizer phase may be told."""

from pydantic import Field

from codekiln.core.settings import Input, Output, Section


class Settings(Section):
    """Train a tokenizer on cleaned examples, and check that it gives every text back."""

    cleaned: Input = Field(description="folder that the clean_corpus phase wrote")
    tokenizer: Output = Field(description="folder to write the tokenizer into")
    reuse: str = Field(
        "",
        description="folder or s3:// URI of a tokenizer to take instead of training one, so that "
        "ids stay what they were; empty: train",
    )
    vocab_size: int = Field(
        16_384, ge=512, le=65_536, description="ids; a small corpus gives fewer"
    )
    sample_mib: int = Field(
        64,
        ge=1,
        le=1024,
        description="MiB of text that is trained on, evenly of all sections and repositories; "
        "takes about twelve times as much memory",
    )
    letters: float = Field(
        0.9999,
        ge=0.98,
        le=1,
        description="share of the sample that its commonest letters make up; others are spelled "
        "in bytes",
    )
    split_digits: bool = Field(True, description="give each digit of a number a token of its own")
    seed: int = Field(42, description="which texts are drawn into the sample")
    turn_examples: int = Field(2000, ge=1, description="examples in one turn of a worker, about")
    workers: int = Field(0, ge=0, le=256, description="processes at work; 0: one for each core")
