"""Container entry: `python -m codekiln.train_tokenizer --cleaned DIR --tokenizer DIR`."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from codekiln.core import cores, program
from codekiln.core import workers as processes
from codekiln.core.corpus import example_source
from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln.core.program import Done
from codekiln.core.progress import track
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import open_store
from codekiln.core.tokens.sentences import MODEL, Sentences
from codekiln.core.workers import Workers
from codekiln.train_tokenizer import fast_tokenizer, fertility, round_trip, sample
from codekiln.train_tokenizer.fertility import Document
from codekiln.train_tokenizer.round_trip import Tally, Trip
from codekiln.train_tokenizer.sample import Drawing, Drawn, Group
from codekiln.train_tokenizer.settings import Settings
from codekiln.train_tokenizer.training import Rules, train
from codekiln.train_tokenizer.turns import Turn, turns

logger = logging.getLogger(__name__)

FEWEST = 1000
"""Characters; less teaches nothing."""


def train_tokenizer(settings: Settings) -> Done:
    """Get a tokenizer, write it, send every text through it and tell how it did."""
    found = example_source.source(settings.cleaned)
    read = turns(found.parts, settings.turn_examples)
    many = min(settings.workers or cores.usable(), len(read))
    preload = (sample.__name__, round_trip.__name__)
    with processes.workers(many, preload=preload) as workers:
        drawn: Mapping[str, int] = {}
        if settings.reuse:
            model = reused(settings.reuse)
        else:
            model, drawn = trained(settings, read, workers)
        sentences = write(settings.tokenizer, model)
        tallies = checked(settings.tokenizer, read, workers)
    told = fertility.document(sentences, tallies, drawn)
    write_json(settings.tokenizer / fertility.NAME, told)
    if not settings.reuse and sentences.vocab_size < settings.vocab_size:
        logger.warning(
            "the vocabulary has %s pieces, not %s: the corpus has no more to join",
            f"{sentences.vocab_size:,}", f"{settings.vocab_size:,}",
        )  # fmt: skip
    kind = "reused" if settings.reuse else "written"
    sources = {"cleaned": found.digest, kind: sentences.digest}
    return Done(
        counts=counts(told, found.rows),
        metrics=metrics(told),
        sources={name: digest for name, digest in sources.items() if digest},
    )


def trained(
    settings: Settings, read: Sequence[Turn], workers: Workers
) -> tuple[bytes, Mapping[str, int]]:
    """Return the model, and how many characters of each section it was trained on."""
    with run_folder("codekiln-tokenizer-") as place:
        drawings = [
            Drawing(turn, shares, settings.seed, place / f"{turn.number:05d}.jsonl")
            for turn, shares in shared_out(read, settings.sample_mib << 20, workers)
        ]
        drawn = draw(drawings, workers)
        many = drawn.sections.total()
        if many < FEWEST:
            raise InputError(
                f"{settings.cleaned} holds {many:,} characters of text, a tokenizer wants "
                f"{FEWEST:,}: collect more, or give a tokenizer with reuse"
            )
        common = sample.common(drawn.letters, settings.letters)
        logger.info(
            "train tokenizer: %s characters, %s of %s letters",
            f"{many:,}", f"{len(common):,}", f"{len(drawn.letters):,}",
        )  # fmt: skip
        rules = Rules(settings.vocab_size, common, settings.split_digits)
        model = train(sample.read(drawing.path for drawing in drawings), rules)
    return model, drawn.sections


def draw(drawings: Sequence[Drawing], workers: Workers) -> Drawn:
    """Draw the sample into its files; return what is in all of them."""
    total = Drawn(Counter(), Counter())
    with track("draw sample", len(drawings), "turns") as report:
        for done, drawn in enumerate(workers.each(sample.draw, drawings), start=1):
            total.letters.update(drawn.letters)
            total.sections.update(drawn.sections)
            report(done, "")
    return total


def shared_out(
    read: Sequence[Turn], most: int, workers: Workers
) -> list[tuple[Turn, dict[Group, float]]]:
    """Return which share of each repository and section is drawn from each turn."""
    sizes: list[Counter[Group]] = []
    with track("measure corpus", len(read), "turns") as report:
        for found in workers.each(sample.measure, read):
            sizes.append(found)
            report(len(sizes), "")
    total: Counter[Group] = Counter()
    for found in sizes:
        total.update(found)
    shares = sample.shares(total, most)
    return [
        (turn, {group: shares[group] for group in found if group in shares})
        for turn, found in zip(read, sizes, strict=True)
    ]


def reused(place: str) -> bytes:
    """Return the model of the folder or URI `place`; raises InputError if it is not one of ours."""
    try:
        model = open_store(place).read(MODEL)
        Sentences(model)
    except InputError as error:
        raise InputError(f"reuse is {place}: {error}; give a tokenizer of this version") from error
    return model


def write(folder: Path, model: bytes) -> Sentences:
    """Write the tokenizer as SentencePiece reads it, and as transformers does."""
    (folder / MODEL).write_bytes(model)
    sentences = Sentences.load(folder)
    fast_tokenizer.write(folder, sentences)
    return sentences


def checked(folder: Path, read: Sequence[Turn], workers: Workers) -> dict[str, Tally]:
    """Send every text through the tokenizer; raises InputError at one that does not come back."""
    tallies: dict[str, Tally] = {}
    examples = 0
    with track("round trip", sum(turn.rows for turn in read), "examples") as report:
        for found in workers.each(round_trip.make, [Trip(turn, folder) for turn in read]):
            for section, tally in found.tallies.items():
                tallies.setdefault(section, Tally()).add(tally)
            examples += found.examples
            report(examples, "")
    return tallies


def counts(told: Document, examples: int) -> dict[str, int]:
    """Return what was read and how it came out."""
    total = told["all"]
    return {
        "examples": examples,
        "texts_that_came_back": total["texts"],
        "characters": total["characters"],
        "tokens": total["tokens"],
        "byte_tokens": total["byte_tokens"],
        "vocabulary": told["vocabulary"],
        "pieces_used": told["pieces_used"],
        "characters_trained_on": sum(told["trained_on"].values()),
    }


def metrics(told: Document) -> dict[str, float]:
    """Return the figures for the run page."""
    by_section = {
        f"characters_per_token_{name}": one["characters_per_token"]
        for name, one in told["sections"].items()
    }
    return {
        "vocabulary": told["vocabulary"],
        "characters_per_token": told["all"]["characters_per_token"],
        **by_section,
        "byte_token_share": told["all"]["byte_token_share"],
        "texts_that_came_back": told["all"]["texts"],
    }


if __name__ == "__main__":
    program.run(train_tokenizer, Settings)
