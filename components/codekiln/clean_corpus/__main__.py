"""Container entry: `python -m codekiln.clean_corpus --examples DIR --cleaned DIR --rejects DIR`."""

import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from codekiln.clean_corpus import benchmarks, cleaning, content, licenses, reading
from codekiln.clean_corpus.benchmarks import Benchmarks
from codekiln.clean_corpus.cleaning import Index
from codekiln.clean_corpus.contamination import Detector
from codekiln.clean_corpus.content import Limits
from codekiln.clean_corpus.masking import Masker
from codekiln.clean_corpus.rejects import Rejects
from codekiln.clean_corpus.screening import Screen
from codekiln.clean_corpus.settings import Settings
from codekiln.core import manifest, program
from codekiln.core.errors import InputError
from codekiln.core.program import Done
from codekiln.core.progress import track

logger = logging.getLogger(__name__)

MASKING_KEY = "CODEKILN_MASKING_KEY"
"""A secret of whoever runs this; with the same one, placeholders are the same in all runs."""


def clean_corpus(settings: Settings) -> Done:
    """Screen the examples, drop duplicates, write what stays, and count all."""
    limits = limits_of(settings)
    measured = benchmarks.read(settings.benchmarks) if settings.benchmarks else Benchmarks([], {})
    if not measured.problems:
        logger.warning("no benchmarks are given: examples that hold their problems stay")
    screen = screen_of(settings, limits, measured, os.environ)
    total = reading.count(settings.examples)
    sources = {f"benchmark {name}": told for name, told in sorted(measured.digests.items())}
    with (
        tempfile.TemporaryDirectory(prefix="codekiln-clean-") as place,
        Rejects(settings.rejects, settings.rejects_per_reason) as rejects,
    ):
        scratch = Path(place)
        with track("clean corpus", total, "examples") as report:
            read = reading.read(settings.examples, limits)
            passed = cleaning.screen(read, screen, rejects, scratch, report)
        index = index_of(settings)
        decided = cleaning.decide(passed, settings.likeness, index, scratch)
        kept = cleaning.publish(passed, decided.found, settings.cleaned, rejects)
        if index:
            sources["index"] = decided.index
    counts = counts_of(total, kept, rejects, screen.masker)
    return Done(counts=counts, metrics=counts, sources=sources)


def limits_of(settings: Settings) -> Limits:
    """Return `settings` as limits, in bytes."""
    return Limits(
        code=settings.max_code_kib << 10,
        context=settings.max_context_kib << 10,
        details=settings.max_details_kib << 10,
    )


def screen_of(
    settings: Settings, limits: Limits, measured: Benchmarks, environ: Mapping[str, str]
) -> Screen:
    """Return what examples are held against."""
    allowed = settings.licenses.split() or licenses.PERMISSIVE
    rules = (
        content.too_long(limits),
        licenses.opted_out(names_of(settings.opt_out)),
        licenses.licensed(allowed),
        *content.CONTENT,
    )
    secret = environ.get(MASKING_KEY) or f"codekiln {settings.seed}"
    key = hashlib.sha256(secret.encode()).digest()
    detector = Detector(measured.problems) if measured.problems else None
    return Screen(rules, detector, Masker(key))


def names_of(told: str) -> list[str]:
    """Return the names in `told`, or in the file that it is the path of; # begins a remark.

    Raises InputError if that file cannot be read, or a name has two slashes.
    """
    path = Path(told)
    is_file = told != "" and (path.is_file() or path.is_absolute())
    try:
        text = path.read_text(encoding="utf-8") if is_file else told
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the opt-out list {told}: {error}") from error
    names = re.sub(r"#[^\n]*", " ", text).replace(",", " ").split()
    wrong = [name for name in names if name.count("/") > 1]
    if wrong:
        raise InputError(
            f"opt_out holds {wrong[0]!r}: it lists owner/name and owner, or is the path of a file "
            "that does"
        )
    return names


def index_of(settings: Settings) -> Index | None:
    """Return the place of this night in the index: the same input is the same night."""
    if not settings.index:
        return None
    return Index(settings.index, manifest.read(settings.examples).digest)


def counts_of(total: int, kept: int, rejects: Rejects, masker: Masker) -> dict[str, int]:
    """Return what was read, kept, dropped for each reason and masked of each kind."""
    dropped = {f"dropped_{name}": many for name, many in sorted(rejects.counts.items())}
    masked = {f"masked_{name}": many for name, many in sorted(masker.counts.items())}
    counts = {"examples": total, "kept": kept, **dropped, **masked}
    return {re.sub(r"[ -]", "_", name).lower(): many for name, many in counts.items()}


if __name__ == "__main__":
    program.run(clean_corpus, Settings)
