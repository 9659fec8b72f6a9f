"""What decides which examples stay and how they look, and one digest of all of it."""

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codekiln.clean_corpus import benchmarks, content, licenses, signatures
from codekiln.clean_corpus.benchmarks import Benchmarks
from codekiln.clean_corpus.contamination import Detector
from codekiln.clean_corpus.content import Limits
from codekiln.clean_corpus.masking import Masker
from codekiln.clean_corpus.screening import Screen
from codekiln.clean_corpus.settings import Settings
from codekiln.core import digest
from codekiln.core.errors import InputError

RULES = 1
"""What must change when the same examples, under the same settings, no longer clean the same."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one run. Which key masks secrets is none of them, for nothing may tell it."""

    limits: Limits
    opted_out: Sequence[str]
    licenses: Sequence[str]
    likeness: float
    seed: int
    measured: Benchmarks

    @property
    def digest(self) -> str:
        """Return what two runs have in common if an example fares alike in both."""
        told = {
            "code": RULES,
            "signatures": signatures.FORMAT,
            "limits": dataclasses.asdict(self.limits),
            "opted_out": self.opted_out,
            "licenses": self.licenses,
            "likeness": self.likeness,
            "seed": self.seed,
            "benchmarks": dict(self.measured.digests),
        }
        return digest.of_json(told)

    def screen(self, key: str) -> Screen:
        """Return what examples are held against; secrets are masked with `key`, or the seed."""
        rules = (
            content.too_long(self.limits),
            licenses.opted_out(self.opted_out),
            licenses.licensed(self.licenses),
            *content.CONTENT,
        )
        secret = key or f"codekiln {self.seed}"
        problems = self.measured.problems
        detector = Detector(problems) if problems else None
        return Screen(rules, detector, Masker(hashlib.sha256(secret.encode()).digest()))


def of(settings: Settings) -> Rules:
    """Return the rules that `settings` tell; raises InputError if a file of them cannot be read."""
    measured = benchmarks.read(settings.benchmarks) if settings.benchmarks else Benchmarks([], {})
    return Rules(
        limits=Limits(
            code=settings.max_code_kib << 10,
            context=settings.max_context_kib << 10,
            details=settings.max_details_kib << 10,
        ),
        opted_out=sorted({name.lower() for name in names_of(settings.opt_out)}),
        licenses=sorted(set(settings.licenses.split() or licenses.PERMISSIVE)),
        likeness=settings.likeness,
        seed=settings.seed,
        measured=measured,
    )


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
