"""Whether every repository is made: of these very pull requests, all with the same settings.

If it is known what a run made its examples with, then with that.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from codekiln.core.corpus.example_entries import Made, Wanted

SHOWN = 3
"""Repositories that a message names."""


@dataclass
class Proof:
    """What was found; `lacking` and `others` hold names of repositories.

    `others` were made with something else than `wanted`, or than most if nothing is.
    """

    wanted: str = ""
    """The digest of what all shall be made with."""
    repositories: int = 0
    lacking: list[str] = field(default_factory=list)
    made_with: dict[str, list[str]] = field(default_factory=dict)
    """Names of repositories by the digest of what they were made with."""
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def digest(self) -> str:
        """Return what all shall be made with, or what most were; "" if nothing was made."""
        return self.wanted or max(
            self.made_with, key=lambda one: len(self.made_with[one]), default=""
        )

    @property
    def others(self) -> list[str]:
        """Return those that were made with something else."""
        return [n for told, names in self.made_with.items() if told != self.digest for n in names]

    @property
    def problem(self) -> str:
        """Say what is wrong, "" if nothing is."""
        if self.lacking:
            return (
                f"{len(self.lacking)} of {self.repositories} repositories have no examples of "
                f"these pull requests yet: {named(self.lacking)}"
            )
        if self.others:
            rest = "this run told build_examples" if self.wanted else "the rest"
            return (
                f"{len(self.others)} of {self.repositories} repositories were made with other "
                f"settings, or another Go, than {rest}: {named(self.others)}"
            )
        return ""


def proof(pairs: Iterable[tuple[Wanted, Made | None]], made_with: str = "") -> Proof:
    """Compare what is wanted with what there is, and add up what was counted.

    `made_with` is the digest of what all shall be made with; "": whatever it is, if it is one.
    """
    found = Proof(made_with)
    for wanted, made in pairs:
        found.repositories += 1
        if made is None or {one.sha256 for one in wanted.shards} != {*made.given}:
            found.lacking.append(wanted.name)
            continue
        found.made_with.setdefault(made.made_with, []).append(wanted.name)
        found.counts.update(made.counts)
    return found


def named(names: Sequence[str]) -> str:
    """Return some names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
