"""From pull requests to packed tokens: what came in, what stayed, what went and why, and the sums.

Each stage adds up by itself (all = kept + dropped for each reason), and what one keeps is what the
next begins with. Whatever does not add up is said, never hidden.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WITH, WITHOUT, DROPPED, REFUSED = "_with_examples", "_without_", "dropped_", "refused_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Some of a stage's things, by name."""

    name: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Things that came to a step, and what became of them.

    `dropped` are by reason, the most frequent first.
    """

    name: str
    what: str
    total: int
    kept: int
    kept_as: str
    dropped: Sequence[Part]

    @property
    def gone(self) -> int:
        """Return how many were dropped."""
        return sum(part.count for part in self.dropped)

    @property
    def lacking(self) -> int:
        """Return how many are neither kept nor dropped: 0 if the stage adds up."""
        return self.total - self.kept - self.gone

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        return {
            "name": self.name,
            "what": self.what,
            "total": self.total,
            "kept": self.kept,
            "kept_as": self.kept_as,
            "dropped": {part.name: part.count for part in self.dropped},
            "lacking": self.lacking,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Joint:
    """Where one step hands on to the next: what left the one, what came to the other."""

    what: str
    left: int
    came: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Funnel:
    """All stages, and where two of them meet."""

    stages: Sequence[Stage]
    joints: Sequence[Joint]

    @property
    def faults(self) -> list[str]:
        """Say what does not add up."""
        wrong = [
            f"{stage.name}: {stage.total:,} {stage.what} came, {stage.kept:,} stayed and "
            f"{stage.gone:,} were dropped with a reason: {abs(stage.lacking):,} "
            f"{'are unexplained' if stage.lacking > 0 else 'are counted twice'}"
            for stage in self.stages
            if stage.lacking
        ]
        return wrong + [
            f"{one.what}: {one.left:,} left one step, {one.came:,} came to the next"
            for one in self.joints
            if one.left != one.came
        ]


def of(
    collected: Mapping[str, int],
    examples: Mapping[str, int],
    cleaned: Mapping[str, int],
    packed: Mapping[str, int] | None,
) -> Funnel:
    """Return the funnel that the counts of the steps tell; stages without counts are left out."""
    stages = [
        _stage("Pull requests", "pull requests", examples, "pull_requests", "give examples"),
        _stage("Files", "changed files", examples, "files", "give examples"),
        _made(examples),
        _cleaned(cleaned),
    ]
    if packed is not None:
        stages.append(_packed(packed))
    return Funnel(
        stages=[stage for stage in stages if stage.total],
        joints=list(_joints(collected, examples, cleaned, packed)),
    )


def _stage(name: str, what: str, counts: Mapping[str, int], key: str, kept_as: str) -> Stage:
    return Stage(
        name=name,
        what=what,
        total=counts.get(key, 0),
        kept=counts.get(key + WITH, 0),
        kept_as=kept_as,
        dropped=parts(counts, key + WITHOUT),
    )


def _made(counts: Mapping[str, int]) -> Stage:
    return Stage(
        name="Candidates",
        what="declarations and hunks of those files",
        total=counts.get("candidates", 0),
        kept=counts.get("examples", 0),
        kept_as="are examples",
        dropped=parts(counts, DROPPED),
    )


def _cleaned(counts: Mapping[str, int]) -> Stage:
    return Stage(
        name="Cleaning",
        what="examples",
        total=counts.get("examples", 0),
        kept=counts.get("kept", 0),
        kept_as="are clean",
        dropped=parts(counts, DROPPED),
    )


def _packed(counts: Mapping[str, int]) -> Stage:
    return Stage(
        name="Packing",
        what="clean examples",
        total=counts.get("examples", 0),
        kept=counts.get("packed", 0),
        kept_as="are packed",
        dropped=parts(counts, REFUSED),
    )


def _joints(
    collected: Mapping[str, int],
    examples: Mapping[str, int],
    cleaned: Mapping[str, int],
    packed: Mapping[str, int] | None,
) -> Iterator[Joint]:
    pairs = [
        ("pull requests", collected.get("pull_requests"), examples.get("pull_requests")),
        ("examples made", examples.get("examples"), cleaned.get("examples")),
        ("clean examples", cleaned.get("kept"), packed.get("examples") if packed else None),
    ]
    for what, left, came in pairs:
        if left is not None and came is not None:
            yield Joint(what=what, left=left, came=came)


def parts(counts: Mapping[str, int], prefix: str) -> list[Part]:
    """Return the counts whose names begin so, the largest first, named by the rest in words."""
    found = [
        Part(name=_in_words(name.removeprefix(prefix)), count=count)
        for name, count in counts.items()
        if name.startswith(prefix) and count
    ]
    return sorted(found, key=lambda part: (-part.count, part.name))


def _in_words(reason: str) -> str:
    """Return the reason of a count as people write it: `not_go` becomes `not Go`."""
    return " ".join("Go" if word == "go" else word for word in reason.split("_"))
