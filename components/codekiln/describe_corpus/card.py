"""Everything that a card tells, gathered from what the steps left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from codekiln.core.corpus import example_source
from codekiln.core.corpus.examples import Example
from codekiln.core.page import words
from codekiln.describe_corpus import draws, fertility, funnel, origins, packed_story, scan
from codekiln.describe_corpus.draws import Rejects
from codekiln.describe_corpus.fertility import Fertility
from codekiln.describe_corpus.funnel import Funnel, Part
from codekiln.describe_corpus.origins import Link, Origin
from codekiln.describe_corpus.packed_story import Packed
from codekiln.describe_corpus.scan import Seen

MASKED, DROPPED, BENCHMARK = "masked_", "dropped_", "benchmark "
DUPLICATES = ("exact duplicate", "near duplicate", "seen before")
COLLECTED, EXAMPLES, CLEANED, REJECTS, TOKENIZER, TOKENS = ROLES = (
    "collected", "examples", "cleaned", "rejects", "tokenizer", "tokens",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where each step left its output; None where there is none."""

    collected: Path
    examples: Path
    cleaned: Path
    rejects: Path | None
    tokenizer: Path | None
    tokens: Path | None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a card is to be like."""

    title: str
    samples: int
    seed: int
    sample_chars: int


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is told, by the page, by the document, by the README."""

    title: str
    ask: Ask
    written: datetime
    origins: Mapping[str, Origin]
    funnel: Funnel
    seen: Seen
    rejects: Rejects | None
    samples: Sequence[Example]
    packed: Packed | None
    fertility: Fertility | None

    @property
    def cleaned(self) -> Mapping[str, int]:
        """Return the counts of cleaning."""
        return self.origins[CLEANED].counts

    @property
    def repositories(self) -> int:
        """Return how many repositories were looked at: those that were pinned, if that is told."""
        pinned = self.origins[COLLECTED].counts.get("repositories", 0)
        return max(pinned, len(self.seen.repositories))

    @property
    def pull_requests(self) -> int:
        """Return how many pull requests were looked at."""
        return self.origins[EXAMPLES].counts.get("pull_requests", 0)

    @property
    def made(self) -> int:
        """Return how many examples were made."""
        return self.origins[EXAMPLES].counts.get("examples", 0)

    @property
    def duplicates(self) -> list[Part]:
        """Return the duplicates that went, by kind."""
        found = {part.name: part for part in funnel.parts(self.cleaned, DROPPED)}
        return [found.get(name, Part(name=name, count=0)) for name in DUPLICATES]

    @property
    def masked(self) -> list[Part]:
        """Return what was masked in texts, by kind."""
        return funnel.parts(self.cleaned, MASKED)

    @property
    def contaminated(self) -> int:
        """Return how many examples went for holding a problem of a benchmark."""
        return self.cleaned.get(f"{DROPPED}{draws.CONTAMINATED}", 0)

    @property
    def benchmarks(self) -> dict[str, str]:
        """Return the digest of each file of benchmarks that examples were held against."""
        inputs = self.origins[CLEANED].manifest.inputs
        return {
            name.removeprefix(BENCHMARK): told
            for name, told in inputs.items()
            if name.startswith(BENCHMARK)
        }

    @property
    def faults(self) -> list[str]:
        """Say what does not add up, and what leaks."""
        kept = self.cleaned.get("kept", self.seen.examples)
        found = [*self.funnel.faults, *(self.packed.faults if self.packed else ())]
        found += [
            f"{one.reader} were made from other {one.read} than is told here: give those of one run"
            for one in self.links
            if not one.holds
        ]
        if kept != self.seen.examples:
            found.append(
                f"cleaning counted {kept:,} examples that stay, {self.seen.examples:,} are there"
            )
        return found

    @property
    def links(self) -> list[Link]:
        """Return whether each step read what is told here of the step before."""
        return list(origins.links(self.origins))

    @property
    def absent(self) -> list[str]:
        """Say what is not known, and why."""
        return list(_absent(self))


def _absent(card: Card) -> Iterator[str]:
    if not card.pull_requests:
        yield "How many pull requests there were: nothing was counted when examples were made."
    if not card.benchmarks:
        yield "Contamination: no benchmarks were given, so nothing was held against them."
    if card.rejects is None:
        yield "What was dropped looks like: no folder of rejects was given."
    elif not card.rejects.written and card.cleaned.get("kept", 0) < card.cleaned.get("examples", 0):
        yield "What was dropped looks like: no rejects were written out."
    if card.fertility is None:
        yield "How the tokenizer does: none was given, or it left no figures."
    if card.packed is None:
        yield "Tokens, and whether they are enough: nothing was packed yet."
    elif not validation_rows(card.packed):
        yield "A validation side: no repository was held out."


def validation_rows(packed: Packed) -> int:
    """Return how many rows are held out."""
    split = packed.info.splits.get("validation")
    return split.rows if split else 0


def gather(folders: Folders, ask: Ask, now: datetime) -> Card:
    """Read everything; raises InputError where a step that was given has not finished."""
    read = {
        role: origins.read(role, path)
        for role, path in ((role, getattr(folders, role)) for role in ROLES)
        if path is not None
    }
    source = example_source.source(folders.cleaned)
    seen = scan.scan(source)
    packed = packed_story.read(folders.tokens) if folders.tokens else None
    counts = {role: origin.counts for role, origin in read.items()}
    return Card(
        title=ask.title or _title(seen),
        ask=ask,
        written=now,
        origins=read,
        funnel=funnel.of(
            counts[COLLECTED],
            counts[EXAMPLES],
            counts[CLEANED],
            packed.info.counts if packed else None,
        ),
        seen=seen,
        rejects=draws.rejects(folders.rejects, ask.seed) if folders.rejects else None,
        samples=draws.drawn(source, ask.samples, ask.seed),
        packed=packed,
        fertility=fertility.read(folders.tokenizer) if folders.tokenizer else None,
    )


def _title(seen: Seen) -> str:
    from_ = words.counted(len(seen.repositories), "Go repository", "Go repositories")
    return f"{words.count(seen.examples)} examples from {from_}"
