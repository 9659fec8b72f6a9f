"""From cleaned examples to a folder of packed tokens."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from codekiln.core import cores
from codekiln.core.corpus.example_source import Source
from codekiln.core.errors import InputError
from codekiln.core.progress import track
from codekiln.core.tokens import folder as token_folder
from codekiln.core.tokens.packed_info import (
    INFO,
    PATTERNS,
    TOKENIZER,
    TRAIN,
    VALIDATION,
    File,
    PackedInfo,
    SplitInfo,
    file_of,
)
from codekiln.core.tokens.sections import WRITTEN
from codekiln.core.tokens.sentences import Sentences
from codekiln.pack_examples import encoding, export, rows, splitting, work
from codekiln.pack_examples.budgets import Budgets
from codekiln.pack_examples.outlook import outlook
from codekiln.pack_examples.rows import Pool, Pools, Reader
from codekiln.pack_examples.settings import MARKERS, Settings
from codekiln.pack_examples.shards import Shape, SplitWriter
from codekiln.pack_examples.work import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What tokens are made from: the digest of it all, and its parts."""

    digest: str
    cleaned: str
    tokenizer: str
    settings: dict[str, object]


@dataclass(frozen=True, slots=True)
class Places:
    """Folders: the tokenizer, what is to be made, and one that nobody needs afterwards."""

    tokenizer: Path
    made: Path
    scratch: Path


def made(settings: Settings, source: Source, origin: Origin, places: Places) -> PackedInfo:
    """Fill `places.made` with the tokens of `source`; tokens.json is written last.

    Raises InputError if no example stays, or too few repositories for two sides.
    """
    sentences = Sentences.load(places.tokenizer)
    dtype = token_folder.dtype_for(sentences.vocab_size)
    shape = Shape(settings.length, settings.shard_rows, dtype, sentences.pad)
    jobs = jobs_of(settings, source, places)
    tally = encoded(jobs, settings, source.rows)
    owners = Owners.of(jobs)
    tally["pull_requests"] = owners.pulls.total()
    held_out = splitting.held_out(owners.pulls, settings.validation_share)
    splits = packed(jobs, owners, held_out, shape, places, settings.window)
    if settings.export:
        export.write(jobs, held_out, places.made, settings.export)
    copy_tokenizer(places)
    pulls = sum(many for one, many in owners.pulls.items() if one not in held_out)
    info = PackedInfo(
        digest=origin.digest,
        cleaned=origin.cleaned,
        tokenizer=origin.tokenizer,
        settings=origin.settings,
        length=settings.length,
        shard_rows=settings.shard_rows,
        dtype=shape.dtype.str,
        vocab_size=sentences.vocab_size,
        bos=sentences.bos,
        eos=sentences.eos,
        pad=sentences.pad,
        splits=splits,
        markers=encoding.MARKERS,
        counts=counts_of(tally),
        outlook=outlook(splits[TRAIN].tokens, pulls, settings.epochs, settings.target_tokens),
        files=files_of(places.made),
    )
    (places.made / INFO).write_bytes(info.to_json())
    return info


def encoded(jobs: Sequence[Job], settings: Settings, total: int) -> Counter[str]:
    """Do all `jobs` and return what they counted; raises InputError if nothing is left."""
    with track("pack examples", total, "examples") as report:
        tally = work.done(jobs, settings.workers or cores.usable(), report)
    if not tally["packed"]:
        raise InputError(
            f"no example is left to pack ({_in_words(tally) or 'there were none'}): build others, "
            "or change the budgets"
        )
    return tally


def jobs_of(settings: Settings, source: Source, places: Places) -> list[Job]:
    """Return the turns of the workers; what they write does not depend on how they are cut."""
    budgets = Budgets(
        room=settings.length - MARKERS,
        problem=settings.problem_tokens,
        context=settings.context_tokens,
        plan=settings.plan_tokens,
        code=settings.code_tokens,
    )
    pieces = work.pieces(source.parts, settings.job_examples)
    return [
        Job(number, turn, places.scratch, places.tokenizer, budgets, settings.export)
        for number, turn in enumerate(work.turns(pieces, settings.job_examples))
    ]


@dataclass(frozen=True, slots=True)
class Owners:
    """The repositories that documents are of, by node id: how many pull requests of each."""

    pulls: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, jobs: Sequence[Job]) -> "Owners":
        """Count them; the documents of a pull request follow each other."""
        owners, last = cls(), None
        for job in jobs:
            table = pq.read_table(job.path("parquet"), columns=["repository_id", "number"])
            for pull in zip(*(column.to_pylist() for column in table.columns), strict=True):
                if pull != last:
                    owners.pulls[pull[0]] += 1
                last = pull
        return owners


def packed(
    jobs: Sequence[Job],
    owners: Owners,
    held_out: frozenset[str],
    shape: Shape,
    places: Places,
    window: int,
) -> dict[str, SplitInfo]:
    """Write the rows of both splits; return what they hold."""
    reader = Reader(jobs, shape.dtype)
    with (
        SplitWriter(places.made, TRAIN, shape) as train,
        SplitWriter(places.made, VALIDATION, shape) as validation,
    ):
        pools = Pools(
            Pool(train, reader, shape, window),
            Pool(validation, reader, shape, window),
            pa.array(sorted(held_out), pa.string()),
        )
        rows.write(jobs, pools)
    return {
        TRAIN: _split_info(train, len(owners.pulls) - len(held_out), shape),
        VALIDATION: _split_info(validation, len(held_out), shape),
    }


def _split_info(writer: SplitWriter, repositories: int, shape: Shape) -> SplitInfo:
    return SplitInfo(
        rows=writer.rows,
        documents=writer.documents,
        repositories=repositories,
        tokens=writer.tokens,
        padding=writer.rows * shape.length - writer.tokens,
        sections=dict(zip(WRITTEN, writer.sections.tolist(), strict=True)),
    )


def copy_tokenizer(places: Places) -> None:
    """Put the tokenizer beside its ids."""
    into = places.made / TOKENIZER
    into.mkdir(exist_ok=True)
    for pattern in (f"{TOKENIZER}*", "special_tokens_map.json"):
        for path in places.tokenizer.glob(pattern):
            shutil.copyfile(path, into / path.name)


def files_of(folder: Path) -> dict[str, File]:
    """Return what tells each file of `folder` from a damaged one."""
    found = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    return {path.relative_to(folder).as_posix(): file_of(path) for path in found}


def counts_of(tally: Counter[str]) -> dict[str, int]:
    """Return what was counted, sums first."""
    return {name: tally[name] for name in ("examples", "packed")} | dict(sorted(tally.items()))


def _in_words(tally: Counter[str]) -> str:
    return ", ".join(f"{many:,} {name.replace('_', ' ')}" for name, many in sorted(tally.items()))
