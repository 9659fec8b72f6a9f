"""A small tokenizer and small packed tokens, as train_tokenizer and pack_examples leave them."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import builders
import pyarrow.parquet as pq
import small_tokenizers
from example_folders import example, function

from codekiln.core import manifest, program
from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Example
from codekiln.core.tokens import sections
from codekiln.core.tokens.packed import Packed, Row, Split
from codekiln.core.tokens.packed_info import documents_name
from codekiln.core.tokens.sentences import MODEL
from codekiln.pack_examples.__main__ import pack_examples
from codekiln.pack_examples.settings import Settings

LENGTH = 256
SMALL = (
    *("--length", str(LENGTH), "--problem-tokens", "40", "--context-tokens", "50"),
    *("--plan-tokens", "50", "--code-tokens", "106", "--workers", "1"),
)


@functools.cache
def model() -> bytes:
    """Train a model on a handful of texts."""
    texts = [text for number in range(60) for text in sections.texts(made(number)).values() if text]
    return small_tokenizers.trained(texts, 600)


def tokenizer(folder: Path) -> Path:
    """Write a folder of the tokenizer as train_tokenizer leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL).write_bytes(model())
    return builders.finish(folder, "train_tokenizer", {"vocabulary": 600})


def made(number: int, repositories: int = 12) -> Example:
    """Make an example of one of so many repositories, longer or shorter by its number."""
    repository = number % repositories
    return example(
        number,
        code=function(number, lines=number % 7),
        id=examples.identity(f"R_{repository}", number, "store.go", "Open"),
        repository=f"acme/store{repository}",
        repository_id=f"R_{repository}",
        title=f"Fix number {number}: grüße",
        details="\n".join(f"It broke {one} times." for one in range(number % 5)),
        before="\n".join(f"\told{one} := {number}" for one in range(number % 11)),
    )


MANY = [made(number) for number in range(600)]


def cleaned(folder: Path, some: Sequence[Example], files: int = 1) -> Path:
    """Write a folder of examples as clean_corpus leaves it, in so many files."""
    folder.mkdir(parents=True)
    size = -(-len(some) // files)
    for number in range(files):
        with examples.Writer(examples.shard(folder, number)) as writer:
            for place, one in enumerate(some[number * size : (number + 1) * size], start=1):
                writer.add(one)
                if place % 50 == 0:
                    writer.flush()
    return builders.finish(folder, "clean_corpus", {"kept": len(some)})


def run(source: Path, tokenizer_: Path, tokens: Path, *more: str) -> manifest.Manifest:
    """Run the phase; return its manifest."""
    told = ("--cleaned", source, "--tokenizer", tokenizer_, "--tokens", tokens)
    program.run(pack_examples, Settings, [*map(str, told), *SMALL, *more])
    return manifest.read(tokens)


def without_plan(number: int) -> Example:
    """Make an example that cannot be packed."""
    return example(number, plan=())


def documents(packed_: Packed, split: Split) -> list[tuple[dict[str, Any], Row]]:
    """Return what the table tells of each document, with the row it is in."""
    table = pq.read_table(packed_.file(documents_name(split.name))).to_pylist()
    return [(one, split[one["shard"] * split.info.shard_rows + one["row"]]) for one in table]
