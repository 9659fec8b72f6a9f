"""One made-up repository: its facts, and its pull requests one by one."""

from dataclasses import replace
from typing import Protocol

from codekiln.fake_github import made_up, node_ids, people, stories
from codekiln.fake_github.dice import Dice, mix, sha, shas
from codekiln.fake_github.moments import DAY
from codekiln.fake_github.people import Person
from codekiln.fake_github.pulls import Changed, CommitFacts, Edits, Pull
from codekiln.fake_github.specs import RepositorySpec
from codekiln.fake_github.stories import Story, Thing
from codekiln.fake_github.timeline import BOT, DRAFT, MERGED, Timeline
from codekiln.fake_github.words import words

FIRST_ID = 610_000_000
_ID_STEP = 1_009
_PULL_SPACE = 200_000
"""Ids of pull requests that belong to one repository: 3,000 repositories fit into 32 bits."""
CREW = 14


class Git(Protocol):
    """The git behind a repository: what its pull requests are about, and what happens to them."""

    def changed(self, index: int) -> Changed:
        """Return the commits and files of pull request `index`."""

    def story(self, index: int) -> Story:
        """Return what pull request `index` is about."""

    def tip(self) -> str:
        """Return the newest commit of the default branch."""

    def open(self, index: int, now: int) -> None:
        """Push the branch of a new pull request."""

    def merge(self, index: int, now: int) -> None:
        """Merge a pull request."""

    def force_push(self, index: int, now: int) -> str:
        """Replace the commits of a pull request; returns the new head."""


class Repository:
    """Repository `ordinal` of a world whose first moment is `born` (epoch seconds)."""

    def __init__(self, spec: RepositorySpec, ordinal: int, seed: int, born: int) -> None:
        self.spec = spec
        self.name = spec.name
        self.ordinal = ordinal
        self.seed = seed
        self.born = born
        self.id = FIRST_ID + _ID_STEP * ordinal
        self.node_id = node_ids.encode("R", self.id)
        self.salt = mix(seed * 0x9E3779B1 + ordinal)
        self.revision = 0
        self.last_push = 0
        self.edits: dict[int, Edits] = {}
        self.history: Git | None = None
        self.gone = ""
        dice = Dice(seed, ordinal, "style")
        self.style = dice.below(3)
        self.crew = [people.person(dice.below(people.POPULATION)) for _ in range(CREW)]
        self._insiders = {person.id for person in self.crew}
        items = dice.sample(words("items"), 6)
        self.things = [Thing(i, s) for i in items for s in dice.sample(words("suffixes"), 3)]
        self._timeline: Timeline | None = None
        self._counted: tuple[int, tuple[int, int, int]] | None = None

    @property
    def timeline(self) -> Timeline:
        """Return when things happened; made anew if it was dropped."""
        if self._timeline is None:
            self._timeline = Timeline(self.spec, self.salt, self.born)
        return self._timeline

    def drop_timeline(self) -> None:
        """Give the memory back, where nothing is in it that the seed does not know."""
        if not self.revision:
            self._timeline = None

    @property
    def owner(self) -> str:
        """Return the login of the owner."""
        return self.name.partition("/")[0]

    @property
    def created_at(self) -> int:
        """Return when the repository was made."""
        return self.born - self.spec.age_days * DAY

    @property
    def pushed_at(self) -> int:
        """Return when somebody pushed last."""
        return max(self.last_push, self.born - self.spec.pushed_days * DAY)

    @property
    def shown(self) -> tuple[str, int, int, int]:
        """Return what changes in the repository's own payload: equal means the same bytes."""
        return self.name, self.id, self.pushed_at, self.open_count()

    def counts(self) -> tuple[int, int, int]:
        """Return how many pull requests are open, closed unmerged, and merged."""
        if self._counted is None or self._counted[0] != self.revision:
            line = self.timeline
            open_ = line.closed.count(0)
            merged = sum(flags & MERGED for flags in line.flags)
            self._counted = (self.revision, (open_, len(line) - open_ - merged, merged))
        return self._counted[1]

    def open_count(self) -> int:
        """Return how many pull requests are open."""
        return self.counts()[0]

    def number_of(self, index: int) -> int:
        """Return the number of pull request `index`: issues take every other one, by chance."""
        return 2 * index + 1 + (mix(self.salt ^ index) & 1)

    def index_of(self, number: int) -> int | None:
        """Return the index of pull request `number`, or None where that is an issue or nothing."""
        index = (number - 1) // 2
        known = 0 <= index < len(self.timeline) and self.number_of(index) == number
        return index if known else None

    def issue_at(self, index: int) -> int:
        """Return the number of the issue that lies beside pull request `index`."""
        return 4 * index + 3 - self.number_of(index)

    def id_of(self, index: int) -> int:
        """Return the database id of pull request `index`."""
        return 1_000_000_000 + self.ordinal * _PULL_SPACE + index

    def index_of_id(self, pull_id: int) -> int | None:
        """Return the index of the pull request with the database id `pull_id`."""
        index = pull_id - self.id_of(0)
        return index if 0 <= index < len(self.timeline) else None

    def node_id_of(self, index: int) -> str:
        """Return the global node id of pull request `index`."""
        return node_ids.encode("PR", self.id, self.id_of(index))

    def is_open(self, index: int) -> bool:
        """Tell whether pull request `index` is open."""
        return not self.timeline.closed[index]

    def author_of(self, index: int) -> Person:
        """Return who opened pull request `index`."""
        draw = mix(self.salt + index + 0x4000000)
        if self.timeline.flags[index] & BOT:
            return people.bot(_BOTS[draw & 3])
        if draw & 0xFF < 38:
            return people.person((draw >> 8) % people.POPULATION)
        # A few do most of the work: the product of two draws is small more often than large.
        return self.crew[((draw >> 8) & 0xFF) * ((draw >> 16) & 0xFF) * CREW >> 16]

    def merger_of(self, index: int) -> Person:
        """Return who merged pull request `index`, or would."""
        return self.crew[mix(self.salt + index) & 3]

    def issue_of(self, index: int) -> int:
        """Return the number of the issue that pull request `index` closes, or 0."""
        closes = index > 0 and mix(self.salt - index) & 1 and not self.timeline.flags[index] & BOT
        return self.issue_at(index - 1) if closes else 0

    def pull(self, index: int) -> Pull:
        """Make pull request `index` as it is now."""
        line, dice = self.timeline, Dice(self.seed, self.ordinal, index, "facts")
        flags, closed = line.flags[index], line.closed[index]
        author = self.author_of(index)
        outside = author.id not in self._insiders and not author.is_bot
        issue = self.issue_of(index)
        story = self._story(index, author, dice, issue)
        forked = not author.is_bot and (outside or dice.chance(0.1))
        pull = Pull(
            index=index,
            number=self.number_of(index),
            id=self.id_of(index),
            is_open=not closed,
            is_merged=bool(flags & MERGED),
            is_draft=bool(flags & DRAFT),
            created_at=line.created[index],
            updated_at=line.updated[index],
            closed_at=closed,
            author=author,
            merged_by=self.merger_of(index) if flags & MERGED else None,
            association=_association(flags, outside=outside, dice=dice),
            story=story,
            title=story.title,
            milestone=0 if dice.chance(0.8) else 1 + index // 120,
            fork_owner=author.login if forked else "",
            head_sha="",
            base_sha="",
            merge_sha="",
            issue=issue,
            comments=line.comments_of(index),
            reviews=line.reviews_of(index),
            remarks=line.remarks_of(index),
        )
        self._set_shas(pull)
        if index in self.edits:
            _apply(pull, self.edits[index])
        return pull

    def state(self, index: int) -> str:
        """Return the state of pull request `index` in GraphQL's words."""
        if not self.timeline.closed[index]:
            return "OPEN"
        return "MERGED" if self.timeline.flags[index] & MERGED else "CLOSED"

    def tip(self) -> CommitFacts:
        """Return the newest commit of the default branch."""
        made = sha(self.seed, self.ordinal, "main", self.revision)
        tip = self.history.tip() if self.history is not None else made
        return CommitFacts(tip, self.crew[0], self.pushed_at, "Merge pull request")

    def _story(self, index: int, author: Person, dice: Dice, issue: int) -> Story:
        if self.history is not None:
            return self.history.story(index)
        if author.is_bot:
            return stories.bump(dice) if author.login == "dependabot" else stories.automated(dice)
        change = dice.pick(stories.catalogue())
        return stories.tell(dice.pick(self.things), change, self.style, dice, issue or None)

    def changed(self, pull: Pull) -> Changed:
        """Return the commits and files of `pull`."""
        if self.history is not None:
            return self.history.changed(pull.index)
        return made_up.changed(self.things, pull, (self.seed, self.ordinal))

    def _set_shas(self, pull: Pull) -> None:
        if self.history is not None:
            real = self.history.changed(pull.index)
            pull.head_sha, pull.base_sha = real.head_sha, real.base_sha
            pull.merge_sha = real.merge_sha
            return
        head, base, merge = shas(self.seed, self.ordinal, pull.index)
        pull.head_sha, pull.base_sha = head, base
        # GitHub keeps a test merge for what is open, and forgets it for what was turned down.
        pull.merge_sha = merge if pull.is_merged or pull.is_open else ""


_BOTS = ("dependabot", "dependabot", "dependabot", "github-actions")


def _association(flags: int, *, outside: bool, dice: Dice) -> str:
    if flags & BOT:
        return "NONE" if dice.chance(0.1) else "CONTRIBUTOR"
    if outside:
        return dice.pick(("CONTRIBUTOR", "CONTRIBUTOR", "NONE", "FIRST_TIME_CONTRIBUTOR"))
    return dice.pick(("MEMBER", "MEMBER", "COLLABORATOR"))


def _apply(pull: Pull, edits: Edits) -> None:
    if edits.title:
        pull.title = edits.title
        pull.story = replace(pull.story, title=edits.title)
    pull.author = edits.author or pull.author
    pull.merged_by = edits.merged_by or pull.merged_by
    pull.head_sha = edits.head_sha or pull.head_sha
    pull.merge_sha = edits.merge_sha or pull.merge_sha
    pull.comments += len(edits.comments)
    pull.revision = edits.revision
