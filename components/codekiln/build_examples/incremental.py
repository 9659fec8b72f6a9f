"""What is to be done for a data set of examples: what is new, and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from codekiln.core.corpus.example_entries import Given, Made, Wanted
from codekiln.core.datasets.dataset import Shard


@dataclass
class News:
    """What differs between what is wanted and what is there.

    `changed` holds, by key, the repositories whose entry will be another; `todo` the shards of pull
    requests to make examples of, with their keys. Of all others there are only the sums.
    """

    repositories: int = 0
    shards: int = 0
    changed: dict[str, Wanted] = field(default_factory=dict)
    todo: list[tuple[str, Shard]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Of the repositories whose entry stays."""

    @property
    def rows(self) -> int:
        """Return how many pull requests there are to read."""
        return sum(shard.rows for _, shard in self.todo)


def news(pairs: Iterable[tuple[Wanted, Made | None]], made_with: str) -> News:
    """Compare what is wanted with what there is, repository by repository."""
    found = News()
    for wanted, made in pairs:
        renewed = up_to_date(wanted, made, made_with, {})
        lacking = [shard for shard in wanted.shards if shard.sha256 not in renewed.given]
        found.repositories += 1
        found.shards += len(wanted.shards)
        if made == renewed and made.shards == renewed.shards and not lacking:
            found.counts.update(made.counts)
            continue
        found.changed[wanted.key] = wanted
        found.todo.extend((wanted.key, shard) for shard in lacking)
    return found


def up_to_date(wanted: Wanted, made: Made | None, made_with: str, new: Mapping[str, Given]) -> Made:
    """Return the examples of a repository with what is `new` (by shard of pull requests) added.

    What was made with something else goes, and what shards gave that are not wanted any more.
    """
    held = made.given if made and made.made_with == made_with else {}
    known = {**held, **new}
    return Made(
        key=wanted.key,
        name=wanted.name,
        license=wanted.license,
        made_with=made_with,
        given={one.sha256: known[one.sha256] for one in wanted.shards if one.sha256 in known},
    )
