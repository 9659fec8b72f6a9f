"""What the gather_examples phase may be told."""

from typing import Annotated

from pydantic import Field

from codekiln.core.settings import Input, InRun, Output, Section


class Settings(Section):
    """Prove that every repository's examples are made, sum them up, and hand the version on."""

    collected: Input = Field(
        description="folder that snapshot_pulls wrote: what build_examples worked on"
    )
    corpus: str = Field(
        min_length=1, description="folder or s3://BUCKET/PREFIX of the data set CORPUS/examples"
    )
    examples: Output = Field(description="folder to write the reference and the counts into")
    version: str = Field(
        "", description="the version that build_examples was told; empty: the one collected"
    )
    keep_versions: int = Field(
        20, ge=1, description="newest versions that stay; those with a name always do"
    )
    run: Annotated[str, InRun()] = Field(
        "",
        description="folder or URI of the run whose build_examples made them; empty: this run's, "
        "outside of one nobody's in particular",
    )
