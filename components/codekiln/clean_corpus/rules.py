"""What decides which examples stay and how they look, and one digest of all of it."""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codekiln.clean_corpus import benchmarks, content, licenses, signatures
from codekiln.clean_corpus.benchmarks import Benchmarks
from codekiln.clean_corpus.contamination import Detector
from codekiln.clean_corpus.content import Limits
from codekiln.clean_corpus.masking import Masker
from codekiln.clean_corpus.opt_out import names_of
from codekiln.clean_corpus.screening import Screen
from codekiln.clean_corpus.settings import Settings
from codekiln.core import digest
from codekiln.core.corpus import licenses as families

RULES = 3
"""What must change when the same examples, under the same settings, no longer clean the same."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one run. Which key masks secrets is none of them, for nothing may tell it."""

    limits: Limits
    opted_out: Sequence[str]
    licenses: frozenset[str] | None
    """SPDX identifiers; None: any license, or none."""
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
            "licenses": families.ANY if self.licenses is None else sorted(self.licenses),
            "likeness": self.likeness,
            "seed": self.seed,
            "benchmarks": dict(self.measured.digests),
        }
        return digest.of_json(told)

    def screen(self, key: str, opted_out: Iterable[str] = ()) -> Screen:
        """Return what examples are held against; secrets are masked with `key`, or the seed.

        `opted_out` are repositories that opted out by a name that rows may not know, by node id.
        """
        rules = (
            content.too_long(self.limits),
            licenses.opted_out([*self.opted_out, *opted_out]),
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
        licenses=families.accepted(settings.licenses or families.PERMISSIVE),
        likeness=settings.likeness,
        seed=settings.seed,
        measured=measured,
    )
