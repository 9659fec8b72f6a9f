"""Collected pull requests become clean, tokenized examples, and a page that describes them."""

from typing import Any

from kfp import dsl

from codekiln.build_examples.component import build_examples
from codekiln.clean_corpus.component import clean_corpus
from codekiln.describe_corpus.component import describe_corpus
from codekiln.gather_examples.component import gather_examples
from codekiln.pack_examples.component import pack_examples
from codekiln.snapshot_pulls.component import snapshot_pulls
from codekiln.train_tokenizer.component import train_tokenizer
from codekiln_pipelines.placing import Placing

SHARDS = (0, 1, 2, 3)
"""Makers of examples side by side: each has a part of the repositories."""


def pipeline(placing: Placing) -> Any:
    """Return the pipeline `data`, a component of Kubeflow's, its steps placed by `placing`."""
    on_cpu = placing.on_cpu

    @dsl.pipeline(name="data")
    def data(  # noqa: PLR0917 -- a form of nine fields
        data: str,
        corpus: str,
        version: str = "",
        benchmarks: str = "",
        opt_out: str = "",
        licenses: str = "",
        tokenizer: str = "",
        vocab_size: int = 16384,
        config: str = "",
    ) -> None:
        """Pin what was collected, make examples of it, clean, tokenize and describe them.

        Args:
            data: Where the collected pull requests lie: s3://BUCKET/PREFIX, or a folder.
            corpus: Where examples and tokens are kept: s3://BUCKET/PREFIX, or a folder.
            version: Version of the collected data, by number or name; empty for the newest.
            benchmarks: Folder or s3:// URI of problems that no example may hold; empty for none.
            opt_out: Repositories and owners to leave out, or a file that lists them.
            licenses: SPDX identifiers, or permissive, weak-copyleft, any; empty for permissive.
            tokenizer: Folder or s3:// URI of a tokenizer to use; empty to train one.
            vocab_size: Tokens of a tokenizer that is trained.
            config: YAML sections that the phases read: build_examples, clean_corpus, ...

        """
        pinned = on_cpu(snapshot_pulls(data=data, version=version, config=config))
        collected = pinned.outputs["collected"]
        with dsl.ParallelFor(list(SHARDS)) as shard:
            built = on_cpu(
                build_examples(
                    collected=collected,
                    corpus=corpus,
                    shard=shard,
                    shards=len(SHARDS),
                    config=config,
                )
            )
        gathered = on_cpu(
            gather_examples(collected=collected, corpus=corpus, config=config).after(built)
        )
        examples = gathered.outputs["examples"]
        cleaned = on_cpu(
            clean_corpus(
                examples=examples,
                corpus=corpus,
                benchmarks=benchmarks,
                opt_out=opt_out,
                licenses=licenses,
                config=config,
            )
        )
        learned = on_cpu(
            train_tokenizer(
                cleaned=cleaned.outputs["cleaned"],
                reuse=tokenizer,
                vocab_size=vocab_size,
                config=config,
            )
        )
        packed = on_cpu(
            pack_examples(
                cleaned=cleaned.outputs["cleaned"],
                tokenizer=learned.outputs["tokenizer"],
                corpus=corpus,
                config=config,
            )
        )
        on_cpu(
            describe_corpus(
                collected=collected,
                examples=examples,
                cleaned=cleaned.outputs["cleaned"],
                rejects=cleaned.outputs["rejects"],
                tokenizer=learned.outputs["tokenizer"],
                tokens=packed.outputs["tokens"],
                config=config,
            )
        )

    return data
