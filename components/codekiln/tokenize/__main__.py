"""Container entry: `python -m codekiln.tokenize --commits DIR --tokens DIR`."""

import itertools
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from transformers import GPT2Tokenizer

from codekiln.core import digest, manifest, program, progress
from codekiln.core.errors import InputError
from codekiln.core.program import Done
from codekiln.core.tokens import folder
from codekiln.core.tokens.folder import TokenInfo
from codekiln.tokenize import bpe
from codekiln.tokenize.commit_text import Text, texts
from codekiln.tokenize.settings import Settings

logger = logging.getLogger(__name__)

BATCH = 512
"""Texts that are encoded side by side; they and their ids are all that is held in memory."""


def tokenize(settings: Settings) -> Done:
    """Get a tokenizer, encode the commits, write the row, its windows and the counts."""
    commits = manifest.read(settings.commits).counts["commits"]
    tokenizer = tokenizer_for(settings, commits)
    counts: Counter[str] = Counter()
    rows = encoded(settings, tokenizer, commits, counts)
    total = folder.write_ids(settings.tokens, rows, len(tokenizer))
    info = TokenInfo(
        tokens=total,
        window=settings.window,
        overlap=settings.overlap,
        vocab_size=len(tokenizer),
        pad_id=tokenizer.pad_token_id,
        dtype=folder.dtype_for(len(tokenizer)).str,
    )
    folder.write_info(settings.tokens, info)
    save(tokenizer, settings.tokens / folder.TOKENIZER)
    if settings.export:
        folder.export(folder.open_tokens(settings.tokens), settings.tokens / folder.SEQUENCES)
    return done(settings, info, counts)


def tokenizer_for(settings: Settings, commits: int) -> GPT2Tokenizer:
    """Load the tokenizer of the settings, or train one on a spread of the history."""
    if settings.tokenizer:
        return bpe.load(settings.tokenizer)
    # Every n-th commit: old and new ones in proportion, the same ones each time.
    every = -(-commits * settings.commit_chars // (settings.training_mib << 20))
    read = texts(settings.commits, settings.commit_chars, max(1, every))
    return bpe.train((text.text for text in read), settings.vocab_size)


def encoded(
    settings: Settings, tokenizer: GPT2Tokenizer, commits: int, counts: Counter[str]
) -> Iterator[list[int]]:
    """Yield the ids of each commit in time order, and keep count."""
    with progress.track("tokenize", commits, "commits") as report:
        read = texts(settings.commits, settings.commit_chars)
        while batch := list(itertools.islice(read, BATCH)):
            count(batch, counts)
            yield from bpe.encode(tokenizer, [text.text for text in batch])
            report(counts["commits"], "")


def count(batch: list[Text], counts: Counter[str]) -> None:
    """Add a batch to `counts`."""
    counts["commits"] += len(batch)
    counts["commits_cut"] += sum(text.is_cut for text in batch)
    counts["characters"] += sum(len(text.text) for text in batch)


def save(tokenizer: GPT2Tokenizer, into: Path) -> None:
    """Write the tokenizer as transformers reads it, and as older readers do."""
    tokenizer.save_pretrained(str(into))
    tokenizer.backend_tokenizer.model.save(str(into))


def done(settings: Settings, info: TokenInfo, counts: Counter[str]) -> Done:
    """Tell both counts: tokens once, and tokens as the windows hold them."""
    windows = info.windows
    if not windows:
        raise InputError(f"{settings.commits} gave no tokens; mine a history with commits")
    overlapping = sum(window.stop - window.start for window in windows)
    logger.info(
        "tokenize: %s unique tokens, %s with overlap, %s sequences",
        f"{info.tokens:,}", f"{overlapping:,}", f"{len(windows):,}",
    )  # fmt: skip
    source = settings.tokenizer
    return Done(
        counts={
            "commits": counts["commits"],
            "commits_cut": counts["commits_cut"],
            "characters": counts["characters"],
            "unique_tokens": info.tokens,
            "tokens_with_overlap": overlapping,
            "padding_tokens": len(windows) * info.window - overlapping,
            "sequences": len(windows),
            "vocabulary": info.vocab_size,
        },
        metrics={
            "sequences": len(windows),
            "unique_tokens": info.tokens,
            "characters_per_token": round(counts["characters"] / info.tokens, 3),
        },
        sources={"tokenizer": digest.of_folder(source)} if source else {},
    )


if __name__ == "__main__":
    program.run(tokenize, Settings)
