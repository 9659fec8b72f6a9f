"""Container entry: `python -m codekiln.pack_examples --cleaned DIR --tokenizer DIR ...`."""

import contextlib
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codekiln.core import digest, manifest, program
from codekiln.core.corpus import example_source
from codekiln.core.datasets import forgotten, reference
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.program import Done
from codekiln.core.storage.objects import open_store
from codekiln.core.tokens.packed_info import (
    FORMAT,
    INFO,
    LOCATION,
    PATTERNS,
    SPLITS,
    TRAIN,
    PackedInfo,
)
from codekiln.core.tokens.sections import WRITTEN
from codekiln.core.tokens.sentences import MODEL
from codekiln.pack_examples import making, publishing
from codekiln.pack_examples.making import Origin, Places
from codekiln.pack_examples.settings import Settings

logger = logging.getLogger(__name__)

SCRATCH = "scratch"
NOT_OF_IT = {"cleaned", "tokenizer", "tokens", "corpus", "job_examples", "workers"}
"""Settings that decide nothing of what is written."""


def pack_examples(settings: Settings) -> Done:
    """Encode the examples, pack them into rows, and hold their tokens against the target."""
    refuse_to_clear(settings)
    read = examples_of(settings.cleaned)
    origin = origin_of(settings, read)
    clear(settings.tokens)
    if settings.corpus:
        info = in_corpus(settings, origin, read)
    else:
        with scratch_in(settings.tokens) as scratch:
            info = made(
                settings, origin, read, Places(settings.tokenizer, settings.tokens, scratch)
            )
    say = logger.info if info.outlook.share >= 1 else logger.warning
    say("%s", info.outlook.advice)
    sources = {"cleaned": read.version} if read.version else {}
    return done(info, {**sources, "written": info.digest} if settings.corpus else sources)


@dataclass(frozen=True, slots=True)
class Examples:
    """What is packed: a digest of the examples alone, and the version that was handed on, if so.

    Of that version the repositories `kept_out` are not packed: they were forgotten since.
    """

    digest: str
    version: str
    kept_out: frozenset[str] = frozenset()


def examples_of(folder: Path) -> Examples:
    """Name the examples of `folder` without reading them."""
    if not reference.is_in(folder):
        return Examples(manifest.read(folder).digest, "")
    told = reference.read(folder)
    version, kept_out = told.version, forgotten.since(told.dataset)
    # A version also says when it was made, which changes nothing here.
    entries = {key: one for key, one in version.entries.items() if key not in kept_out}
    return Examples(digest.of_json(entries), version.digest, kept_out)


def origin_of(settings: Settings, read: Examples) -> Origin:
    """Return what the tokens will be made from."""
    tokenizer = digest.of_file(settings.tokenizer / MODEL)
    told = settings.model_dump(mode="json", exclude=NOT_OF_IT)
    whole = {"format": FORMAT, "cleaned": read.digest, "tokenizer": tokenizer, "settings": told}
    return Origin(
        digest=digest.of_json(whole), cleaned=read.digest, tokenizer=tokenizer, settings=told
    )


def in_corpus(settings: Settings, origin: Origin, read: Examples) -> PackedInfo:
    """Make the tokens and put them into the corpus, unless they are there."""
    uri = publishing.place_of(settings.corpus, origin.digest)
    store = open_store(uri)
    info = publishing.whole(store, origin.digest)
    if info is not None:
        logger.info("%s is there already: nothing to do", uri)
    else:
        with scratch_in(settings.tokens) as scratch:
            folder = scratch / "made"
            folder.mkdir()
            info = made(settings, origin, read, Places(settings.tokenizer, folder, scratch))
            with publishing.turn(settings.corpus) as lease:
                refuse_forgotten(settings, read)
                publishing.publish(store, folder, info, lease.check)
    publishing.hand_on(settings.tokens, uri, info)
    return info


def refuse_forgotten(settings: Settings, read: Examples) -> None:
    """Raise ServiceError if a repository was forgotten since `read`: its tokens were made too.

    Whoever forgets one from now on waits for the end of this turn, and finds the whole set.
    """
    if examples_of(settings.cleaned) != read:
        raise ServiceError(
            "a repository was forgotten while its tokens were made, so none is published; run "
            "this again, and it is left out"
        )


def made(settings: Settings, origin: Origin, read: Examples, places: Places) -> PackedInfo:
    """Make the tokens of just those examples that the digest is of."""
    source = example_source.source(settings.cleaned, read.kept_out)
    return making.made(settings, source, origin, places)


def refuse_to_clear(settings: Settings) -> None:
    """Raise InputError if what is read lies in the folder that is cleared."""
    into = settings.tokens.resolve()
    for one in (settings.cleaned, settings.tokenizer):
        if one.resolve().is_relative_to(into):
            raise InputError(f"{one} lies in {settings.tokens}, which is written: choose another")


def clear(folder: Path) -> None:
    """Remove what an earlier run left, whole or not."""
    shutil.rmtree(folder / SCRATCH, ignore_errors=True)
    for pattern in (INFO, LOCATION, *PATTERNS):
        for path in folder.glob(pattern):
            path.unlink()


@contextlib.contextmanager
def scratch_in(folder: Path) -> Iterator[Path]:
    """Give a folder below `folder` that is gone afterwards."""
    scratch = folder / SCRATCH
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch)


def done(info: PackedInfo, sources: dict[str, str]) -> Done:
    """Tell what was read, refused and packed, and whether it is enough."""
    splits = [info.splits[name] for name in SPLITS]
    counts = dict(info.counts)
    for name, split in info.splits.items():
        told = ("repositories", "documents", "rows", "tokens", "padding")
        counts |= {f"{name}_{one}": int(getattr(split, one)) for one in told}
    for name in WRITTEN:
        counts[f"{name}_section_tokens"] = sum(split.sections[name] for split in splits)
    tokens = sum(split.tokens for split in splits)
    metrics = {
        "examples": info.counts["examples"],
        "packed": info.counts["packed"],
        "tokens": tokens,
        "train_tokens": info.splits[TRAIN].tokens,
        "fill": round(tokens / sum(split.tokens + split.padding for split in splits), 5),
        "tokens_to_train": info.outlook.trained,
        "target_share": info.outlook.share,
    }
    return Done(counts=counts, metrics=metrics, sources=sources)


if __name__ == "__main__":
    program.run(pack_examples, Settings)
