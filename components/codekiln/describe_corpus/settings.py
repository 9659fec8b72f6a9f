"""What the describe_corpus phase may be told."""

from pydantic import Field

from codekiln.core.settings import Input, OptionalPath, Output, Section


class Settings(Section):
    """Describe the corpus on one page: sums, licenses, lengths, duplicates, samples, origins."""

    collected: Input = Field(
        description="folder that snapshot_pulls wrote, or one of pull requests"
    )
    examples: Input = Field(description="folder that gather_examples or build_examples wrote")
    cleaned: Input = Field(description="folder that clean_corpus wrote")
    rejects: OptionalPath = Field(
        None, description="folder of rejects that clean_corpus wrote; empty: none are shown"
    )
    tokenizer: OptionalPath = Field(
        None, description="folder that train_tokenizer wrote; empty: nothing is told of it"
    )
    tokens: OptionalPath = Field(
        None, description="folder that pack_examples wrote; empty: nothing is told of tokens"
    )
    card: Output = Field(description="folder to write card.html, card.json and README.md into")
    page: OptionalPath = Field(None, description="file to write the page into once more")
    title: str = Field("", description="what the corpus is called; empty: what it holds")
    samples: int = Field(5, ge=0, le=100, description="examples that the page shows")
    seed: int = Field(42, description="what the shown examples are drawn by")
    sample_chars: int = Field(
        1500, ge=100, description="characters of each section of an example that is shown"
    )
