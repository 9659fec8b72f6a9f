"""What the clean_corpus phase may be told."""

from typing import Annotated

from pydantic import AfterValidator, Field

from codekiln.clean_corpus.opt_out import checked
from codekiln.core.corpus import licenses as families
from codekiln.core.settings import Input, Output, Section


class Settings(Section):
    """Drop what should not be learned from examples; mask secrets in the rest; count every drop."""

    examples: Input = Field(
        description="folder of the build_examples phase, or of gather_examples for a data set"
    )
    cleaned: Output = Field(
        description="folder to write the examples that stay into; with corpus, what names them"
    )
    rejects: Output = Field(description="folder to write some of those that go into, with reasons")
    corpus: str = Field(
        "",
        description="path or s3:// URI under which the data sets lie; only examples that are new "
        "there are cleaned; empty: all are, into the folder",
    )
    index: str = Field(
        "",
        description="without corpus: path or s3:// URI of the index of what earlier nights kept; "
        "empty: none",
    )
    benchmarks: str = Field(
        "",
        description="path or s3:// URI of a folder of benchmarks (*.jsonl, *.jsonl.gz); no example "
        "that holds one of their problems stays; empty: none is looked for",
    )
    opt_out: Annotated[str, AfterValidator(checked)] = Field(
        "",
        description="repositories (owner/name) and owners to leave out, or a file that lists them",
    )
    licenses: Annotated[str, AfterValidator(families.checked)] = Field(
        "",
        description="SPDX identifiers of the licenses that are allowed, or families of them: "
        "permissive, weak-copyleft, any; empty: permissive",
    )
    likeness: float = Field(
        0.8, ge=0.7, le=1, description="Jaccard likeness from which the later of two examples goes"
    )
    max_code_kib: int = Field(64, ge=1, description="KiB of the longest solution")
    max_context_kib: int = Field(256, ge=1, description="KiB of the longest text around it")
    max_details_kib: int = Field(64, ge=1, description="KiB of the longest problem or plan")
    rejects_per_reason: int = Field(
        50, ge=0, description="examples written into rejects for each reason; 0: none"
    )
    seed: int = Field(
        42, description="what placeholders of secrets are drawn from, without CODEKILN_MASKING_KEY"
    )
