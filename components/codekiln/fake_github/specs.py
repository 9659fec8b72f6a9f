"""What a made-up repository is like: said by a test, or drawn for a whole population."""

from collections.abc import Iterator
from dataclasses import dataclass

from codekiln.fake_github.dice import Dice
from codekiln.fake_github.stories import Thing
from codekiln.fake_github.words import words

LICENSES = {
    "MIT": "MIT License",
    "Apache-2.0": "Apache License 2.0",
    "BSD-3-Clause": 'BSD 3-Clause "New" or "Revised" License',
    "BSD-2-Clause": 'BSD 2-Clause "Simplified" License',
    "MPL-2.0": "Mozilla Public License 2.0",
    "GPL-3.0": "GNU General Public License v3.0",
    "AGPL-3.0": "GNU Affero General Public License v3.0",
    "NOASSERTION": "Other",
}
"""SPDX id -> the name that GitHub shows; NOASSERTION is a licence file that it does not know."""

_OFTEN = ("MIT",) * 8 + ("Apache-2.0",) * 7 + ("BSD-3-Clause",) * 2 + ("BSD-2-Clause", "MPL-2.0")
_SELDOM = ("GPL-3.0", "AGPL-3.0", "NOASSERTION", None)


@dataclass(frozen=True, slots=True)
class RepositorySpec:
    """One repository: `name` is owner/name, ages are days before the world's first moment.

    `git` asks for a real bare repository, whose commits the API then reports.
    """

    name: str
    pulls: int = 100
    git: bool = False
    stars: int = 420
    license: str | None = "MIT"
    language: str | None = "Go"
    size_kib: int = 2_400
    archived: bool = False
    fork: bool = False
    private: bool = False
    description: str = ""
    default_branch: str = "main"
    age_days: int = 1_500
    pushed_days: int = 1
    merged_share: float = 0.75
    bot_share: float = 0.12

    @property
    def owner(self) -> str:
        """Return the login of the owner."""
        return self.name.partition("/")[0]


def population(
    seed: int, count: int, pulls: int = 500, *, git: bool = False
) -> Iterator[RepositorySpec]:
    """Draw `count` Go repositories with `pulls` pull requests each, unlike in all else.

    One in twenty has a licence that is not permissive or none, one in thirty is archived, one in
    forty a fork, one in fifty sleeps for years: what a discovery has to leave out.
    """
    for number in range(count):
        dice = Dice(seed, "repository", number)
        sleepy = dice.chance(1 / 50)
        name = _name(number, dice)
        yield RepositorySpec(
            name=name,
            pulls=pulls,
            git=git,
            stars=_stars(dice),
            license=dice.pick(_SELDOM) if dice.chance(1 / 20) else dice.pick(_OFTEN),
            size_kib=dice.between(300, 60_000),
            archived=dice.chance(1 / 30),
            fork=dice.chance(1 / 40),
            description=_description(name, dice),
            default_branch=dice.pick(("main", "main", "main", "master")),
            age_days=dice.between(1_200, 3_600) if sleepy else dice.between(400, 3_600),
            pushed_days=dice.between(800, 1_100) if sleepy else dice.between(0, 60),
            merged_share=0.6 + 0.3 * dice.share(),
            bot_share=0.05 + 0.18 * dice.share(),
        )


def _name(number: int, dice: Dice) -> str:
    owners, projects = words("owners"), words("projects")
    owner = owners[number % len(owners)]
    what = projects[(number // len(owners) + number) % len(projects)]
    around = number // (len(owners) * len(projects))
    more = f"-{dice.pick(words('items')).lower()}{around}" if around else ""
    return f"{owner}/{what}{more}"


def _stars(dice: Dice) -> int:
    """Draw from GitHub's long tail: as many between 100 and 200 as above 200."""
    return min(int(100 / (1 - dice.share())), 90_000)


def _description(name: str, dice: Dice) -> str:
    what = name.partition("/")[2].partition("-")[0]
    item = Thing(dice.pick(words("items")), "").fill("ITEMS")
    return dice.pick(
        (
            f"A small {what} of {item} for Go services",
            f"Fast, embeddable {what} for {item}, without dependencies",
            f"{what.title()} for Kubernetes, written in Go",
            f"The {what} behind our {item}, in production since 2019",
        )
    )
