"""Container entry: `python -m codekiln.clean_corpus --examples DIR --cleaned DIR --rejects DIR`."""

import logging
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from codekiln.clean_corpus import (
    cleaned_data,
    cleaning,
    near_index,
    night,
    older_rules,
    opt_out,
    rules,
)
from codekiln.clean_corpus.cleaned_data import Became, Key
from codekiln.clean_corpus.cleaning import Index, Screening
from codekiln.clean_corpus.night import Night
from codekiln.clean_corpus.rejects import Rejects
from codekiln.clean_corpus.rules import Rules
from codekiln.clean_corpus.settings import Settings
from codekiln.clean_corpus.tally import in_order, refuse_nothing
from codekiln.core import manifest, program
from codekiln.core.corpus import example_source, examples, layout
from codekiln.core.datasets import held, naming, reference
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.reference import Referred
from codekiln.core.datasets.summary import name_of
from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln.core.program import Done
from codekiln.core.progress import track
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import open_store

logger = logging.getLogger(__name__)

MASKING_KEY = "CODEKILN_MASKING_KEY"
"""A secret of whoever runs this; with the same one, placeholders are the same in all runs."""
NEAR_DIGITS = 16
"""Digits of the digest of the rules that name their index."""
SHOWN = 10
"""Names in one line of the log."""
COUNTS = "counts.json"
"""What all of a version of the cleaned data was made from, in numbers."""


def clean_corpus(settings: Settings) -> Done:
    """Screen the examples, drop duplicates, write what stays, and count all."""
    ruled = rules.of(settings)
    if not ruled.measured.problems:
        logger.warning("no benchmarks are given: examples that hold their problems stay")
    clear(settings.cleaned)
    with (
        run_folder("codekiln-clean-") as scratch,
        Rejects(settings.rejects, settings.rejects_per_reason) as rejects,
    ):
        clean = into_data_set if settings.corpus else into_folder
        return clean(settings, ruled, rejects, scratch)


def clear(folder: Path) -> None:
    """Remove what an earlier run left."""
    for pattern in (examples.PATTERN, reference.NAME, COUNTS):
        for path in folder.glob(pattern):
            path.unlink()


def into_folder(settings: Settings, ruled: Rules, rejects: Rejects, scratch: Path) -> Done:
    """Clean all examples; write those that stay as files."""
    source = example_source.source(settings.examples)
    told = sources(ruled) | ({"examples": source.digest} if source.digest else {})
    with track("clean corpus", source.rows, "examples") as report:
        using = screening(ruled, scratch, opted_out(settings.examples, ruled))
        passed = cleaning.screen(cleaning.files_of(source.parts), using, rejects, report)
    index = index_of(settings)
    decided = cleaning.decide(passed, ruled.likeness, index, scratch)
    cleaning.publish(passed, decided.found, settings.cleaned, rejects)
    if index:
        told["index"] = decided.index
    counts = in_order(sum(passed.tallies, Counter()))
    refuse_nothing(counts)
    return Done(counts=counts, metrics=counts, sources=told)


def into_data_set(settings: Settings, ruled: Rules, rejects: Rejects, scratch: Path) -> Done:
    """Clean the examples that are new; commit a version of all that stays."""
    given, corpus = given_of(settings), settings.corpus.rstrip("/")
    cleaned = Dataset(open_store(f"{corpus}/{layout.CLEANED}"))
    new: Mapping[Key, Became] = {}
    version = cleaned_data.standing(cleaned, given, ruled.digest)
    near, of_rules = f"{corpus}/{layout.NEAR}", ruled.digest[:NEAR_DIGITS]
    index = f"{near}/{of_rules}"
    if version is None:
        with held.writer(cleaned.store, near_index.WRITER, near_index.PACE) as lease:
            plan = cleaned_data.plan(cleaned, given, ruled.digest, ruled.opted_out)
            tell_strangers(ruled, plan.given)
            each = settings.rejects_per_reason
            tonight = Night(plan, given.dataset, cleaned, index, ruled.likeness, each)
            ready = partial(screening, ruled, scratch, plan.opted_out)
            version, new = night.committed(tonight, ready, lease)
            older_rules.remove(near, of_rules)
    night.tell_rejects(index, version, rejects)
    total = cleaned_data.total(version)
    # Only now: who opted out is gone from the newest version, even if nobody else is left in it.
    refuse_nothing(total)
    naming.give(cleaned, version, layout.CLEANED, datetime.now(UTC))
    reference.write(settings.cleaned, cleaned.uri, version, {"rules": ruled.digest})
    write_json(settings.cleaned / COUNTS, total)
    told = {"examples": given.version.digest, "written": version.digest}
    return done(new.values(), total, sources(ruled) | told)


def done(new: Iterable[Became], total: Mapping[str, int], told: Mapping[str, str]) -> Done:
    """Return the counts of this night and, as total_*, of all that the version holds."""
    tonight = in_order(sum((Counter(one.counts) for one in new), Counter()))
    counts = tonight | {f"total_{name}": many for name, many in total.items()}
    return Done(counts=counts, metrics=counts, sources=told)


def given_of(settings: Settings) -> Referred:
    """Return the version of examples to be cleaned; raises InputError if there is none."""
    if settings.index:
        raise InputError("index is given beside corpus, which has its own: leave one of them out")
    if not reference.is_in(settings.examples):
        raise InputError(
            f"{settings.examples} names no version of a data set, which corpus needs: give the "
            "folder that gather_examples wrote, or leave corpus out"
        )
    return reference.read(settings.examples)


def opted_out(folder: Path, ruled: Rules) -> frozenset[str]:
    """Return the repositories of a data set that opted out by the name that they have now."""
    if not ruled.opted_out or not reference.is_in(folder):
        return frozenset()
    told = reference.read(folder)
    entries = list(told.dataset.entries(told.version))
    tell_strangers(ruled, entries)
    return cleaned_data.named(entries, ruled.opted_out)


def tell_strangers(ruled: Rules, entries: Sequence[Entry]) -> None:
    """Warn of names that opted out and that nobody in the data has: one may be misspelled."""
    found = opt_out.strangers(ruled.opted_out, ((name_of(one), one.key) for one in entries))
    if found:
        shown, more = ", ".join(found[:SHOWN]), len(found) - SHOWN
        told = f"{shown} and {more:,} more" if more > 0 else shown
        logger.warning("opt_out has names that no repository of the data has now: %s", told)


def screening(ruled: Rules, scratch: Path, opted_out: frozenset[str]) -> Screening:
    """Return what examples are held against; to make it ready takes seconds."""
    screen = ruled.screen(os.environ.get(MASKING_KEY, ""), opted_out)
    return Screening(screen, ruled.limits, scratch)


def sources(ruled: Rules) -> dict[str, str]:
    """Return the digests of the benchmarks that are looked for."""
    return {f"benchmark {name}": told for name, told in sorted(ruled.measured.digests.items())}


def index_of(settings: Settings) -> Index | None:
    """Return the place of this night in the index: the same input is the same night."""
    if not settings.index:
        return None
    return Index(settings.index, manifest.read(settings.examples).digest)


if __name__ == "__main__":
    program.run(clean_corpus, Settings)
