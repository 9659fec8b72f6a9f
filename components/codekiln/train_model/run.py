"""One run: the folders are opened, the model trained, and what came of it written."""

import contextlib
import dataclasses
import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from transformers import GPT2Tokenizer
from transformers.utils import logging as transformers_logging

from codekiln.core import digest, manifest
from codekiln.core.errors import InputError
from codekiln.core.models import gpt2
from codekiln.core.models.gpt2 import GPT2, Vocabulary
from codekiln.core.program import Done
from codekiln.core.storage.objects import is_remote, local_path, open_store
from codekiln.core.tokens.folder import Tokens, open_tokens
from codekiln.core.training import (
    charts,
    checkpoint,
    engine,
    generators,
    hardware,
    object_store,
)
from codekiln.core.training import plan as planning
from codekiln.core.training import report as reports
from codekiln.core.training.checkpoint import LocalStore, Store
from codekiln.core.training.engine import Job, Outcome
from codekiln.core.training.hardware import Hardware
from codekiln.core.training.monitor import Monitor, sensors
from codekiln.core.training.plan import Plan
from codekiln.core.training.report import Report
from codekiln.train_model import curves, samples
from codekiln.train_model.batches import Collate, Rows, Split, hold_out
from codekiln.train_model.settings import Settings

logger = logging.getLogger(__name__)

PASSING = {"workers", "checkpoint_minutes", "checkpoint_steps", "keep_checkpoints"}
"""Settings of the training that say when and where, never what comes out."""

FINGERPRINT = 16
"""Digits of a fingerprint that name a folder of checkpoints."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Materials:
    """What a run is made from."""

    tokens: Tokens
    tokenizer: GPT2Tokenizer
    split: Split
    machine: Hardware
    plan: Plan


def train(settings: Settings) -> Done:
    """Train as planned, then write the model, its report, charts and samples."""
    found = materials(settings)
    model = model_of(settings, found)
    sources = sources_of(settings)
    fingerprint = fingerprint_of(settings, found.plan, sources)
    with checkpoints(settings, fingerprint) as store:
        job = job_of(settings, found, model, store, fingerprint)
        outcome = engine.train(job)
        report = reports.make(job, outcome)
        with checkpoint.full_disk_told():
            write(settings, found, model, report, outcome)
    return done(report, sources)


def materials(settings: Settings) -> Materials:
    """Open the inputs, look at the machine, and fit the plan to both."""
    tokens = open_tokens(settings.tokens)
    split = hold_out(tokens.info, settings.training.validation_split)
    machine = hardware.detect()
    return Materials(
        tokens=tokens,
        tokenizer=GPT2Tokenizer.from_pretrained(str(tokens.tokenizer)),
        split=split,
        machine=machine,
        plan=plan_here(settings, machine, len(split.training)),
    )


def plan_here(settings: Settings, machine: Hardware, sequences: int) -> Plan:
    """Read the plan, and refit it to the batch of this machine; say so where that changes it."""
    planned = planning.read(settings.plan)
    batch = planning.batch_size(machine.gpu_gib, settings.training, settings.hardware_monitoring)
    plan = planning.refit(planned, settings.training, batch, sequences)
    if plan != planned:
        logger.info(
            "plan refitted to this machine: batch %d, %d steps, rate %g (was %d, %d, %g)",
            plan.batch_size, plan.total_steps, plan.learning_rate,
            planned.batch_size, planned.total_steps, planned.learning_rate,
        )  # fmt: skip
    return plan


def model_of(settings: Settings, found: Materials) -> GPT2:
    """Make the model, from the same seed each time."""
    generators.seed_all(settings.training.seed)
    tokens, tokenizer = found.tokens, found.tokenizer
    vocabulary = Vocabulary(
        size=tokens.vocab_size, end_id=tokenizer.eos_token_id, pad_id=tokens.pad_id
    )
    if settings.pretrained:
        refuse_another_tokenizer(settings.pretrained, tokenizer)
        return gpt2.from_pretrained(
            settings.pretrained, tokens.window, vocabulary, settings.dropout
        )
    return gpt2.from_scratch(settings.size, tokens.window, vocabulary, settings.dropout)


def refuse_another_tokenizer(pretrained: Path, tokenizer: GPT2Tokenizer) -> None:
    """Raise InputError if `pretrained` brings a tokenizer that gives its tokens other ids.

    The sizes of two vocabularies may agree where not one word does: training would begin from
    vectors of other words, and nobody would know.
    """
    if not any((pretrained / name).is_file() for name in ("tokenizer.json", "vocab.json")):
        return
    theirs = GPT2Tokenizer.from_pretrained(str(pretrained), local_files_only=True).get_vocab()
    ours = tokenizer.get_vocab()
    moved = sum(ours.get(token) != number for token, number in theirs.items())
    if moved:
        raise InputError(
            f"{pretrained} was trained with another tokenizer: {moved:,} of its {len(theirs):,} "
            f"tokens have another id here; tokenize with its own (--tokenizer {pretrained})"
        )


def sources_of(settings: Settings) -> dict[str, str]:
    """Return the digest of what no phase wrote: the pretrained folder, if one is given."""
    return {"pretrained": digest.of_folder(settings.pretrained)} if settings.pretrained else {}


def fingerprint_of(settings: Settings, plan: Plan, sources: Mapping[str, str]) -> str:
    """Name the run by all that decides what comes out: data, start, plan and settings."""
    return digest.of_json(
        {
            "tokens": manifest.read(settings.tokens).digest,
            "start": sources.get("pretrained", settings.size),
            "dropout": settings.dropout,
            "training": settings.training.model_dump(mode="json", exclude=PASSING),
            "batch": [plan.batch_size, plan.epochs, plan.min_epochs, plan.total_steps],
        }
    )


@contextlib.contextmanager
def checkpoints(settings: Settings, fingerprint: str) -> Iterator[Store]:
    """Open this run's checkpoints; those of other runs lie beside them, untouched."""
    name = fingerprint[:FINGERPRINT]
    here = settings.model.with_name(settings.model.name + ".checkpoints")
    if is_remote(settings.checkpoints):
        place = f"{settings.checkpoints.rstrip('/')}/{name}"
        # Not `here`: what the store does not hold is removed from the folder before it.
        before = here.with_name(settings.model.name + ".cache")
        with object_store.opened(open_store(place), before / name) as store:
            yield store
        return
    root = local_path(settings.checkpoints) if settings.checkpoints else here
    others = [path for path in root.glob("*") if path.is_dir() and path.name != name]
    if others:
        logger.info("%s holds %d other runs (other data or settings)", root, len(others))
    with contextlib.closing(LocalStore(root / name)) as folder:
        yield folder


def job_of(
    settings: Settings, found: Materials, model: GPT2, store: Store, fingerprint: str
) -> Job:
    """Describe the run to the engine."""
    tokens, split, machine = found.tokens, found.split, found.machine
    interval = settings.hardware_monitoring.collection_interval_seconds
    return Job(
        model=model,
        training_rows=Rows(tokens.ids, split.training, each_token_once=False),
        validation_rows=Rows(tokens.ids, split.validation, each_token_once=True),
        collate=Collate(rows=found.plan.batch_size, window=tokens.window, pad_id=tokens.pad_id),
        window=tokens.window,
        plan=found.plan,
        training=settings.training,
        monitoring=settings.hardware_monitoring,
        machine=machine,
        store=store,
        fingerprint=fingerprint,
        monitor=Monitor(sensors(store.root, machine.gpu_uuid), interval),
    )


def write(
    settings: Settings, found: Materials, model: GPT2, report: Report, outcome: Outcome
) -> None:
    """Write the model with its tokenizer, and what there is to tell of it."""
    folder = settings.model
    transformers_logging.disable_progress_bar()
    model.save(folder)
    copy_tokenizer(found.tokens.tokenizer, folder)
    report = dataclasses.replace(report, weights_sha256=digest.of_file(folder / gpt2.WEIGHTS))
    reports.write(folder, report)
    drawn = charts.draw(folder / "charts", report, outcome.samples)
    if settings.curves:
        curves.save(settings.curves, report, drawn)
    writing = samples.Writing(
        count=settings.samples,
        tokens=settings.sample_tokens,
        temperature=settings.temperature,
        seed=settings.training.seed,
    )
    unseen = found.tokens.ids[found.split.validation[0].start :]
    beginnings = samples.prompts(unseen, found.tokenizer.eos_token_id, writing.count)
    samples.save(folder, samples.write(model.network, found.tokenizer, beginnings, writing))


def copy_tokenizer(source: Path, folder: Path) -> None:
    """Copy the files of the tokenizer as they are: the ids are theirs."""
    for file in sorted(source.iterdir()):
        shutil.copyfile(file, folder / file.name)


def done(report: Report, sources: Mapping[str, str]) -> Done:
    """Sum the run up for its manifest and its page."""
    timing = report.timing
    return Done(
        counts={
            "epochs": report.epochs,
            "steps": timing.steps,
            "tokens": timing.tokens,
            "parameters": report.model.parameters,
        },
        metrics={
            "validation_loss": report.losses.best_validation,
            "training_loss": report.losses.training.final,
            "perplexity": report.perplexity,
            "tokens_per_second": round(timing.tokens_per_second, 1),
            "hours": round(timing.seconds / 3600, 4),
        },
        sources=sources,
    )
