"""Real git for a made-up repository: a Go module, and each pull request as commits on it.

Merges come as GitHub's three kinds (merge commit, squash, rebase); some branches start behind the
tip of the base, some merge it in again, some come from forks; heads stay under refs/pull/N/head.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from codekiln.fake_github import boilerplate, gofiles, stories
from codekiln.fake_github.dice import Dice
from codekiln.fake_github.diffstat import diffstat
from codekiln.fake_github.fast_import import Stream, create
from codekiln.fake_github.gofiles import Edit, Tree, item_file, thing_file
from codekiln.fake_github.people import Person
from codekiln.fake_github.pulls import Changed, CommitFacts
from codekiln.fake_github.repository import Repository
from codekiln.fake_github.stories import Change, Story, Thing

KEPT_TIPS = 4
"""A branch starts at one of the newest commits of its base, this many at the most."""


@dataclass(slots=True)
class Step:
    """One commit to be made: its message and what it changes."""

    message: str
    edits: list[Edit]


@dataclass(slots=True)
class Branch:
    """A pull request in git: marks or object ids of its commits, newest last."""

    story: Story
    steps: Sequence[Step]
    author: Person
    base: str
    diff_base: str
    trunk: Tree
    tree: Tree
    commits: list[tuple[str, Person, int, str]] = field(default_factory=list)
    merge: str = ""
    brings: Thing | None = None

    @property
    def head(self) -> str:
        """Return the newest commit."""
        return self.commits[-1][0]


class History:
    """The git repository of `repository`, built under `folder`/owner/name.git."""

    def __init__(self, repository: Repository, folder: Path) -> None:
        self.repository = repository
        self.path = folder / f"{repository.name}.git"
        self.main = f"refs/heads/{repository.spec.default_branch}"
        self.branches: dict[int, Branch] = {}
        self._changed: dict[int, Changed] = {}
        self._left = self._possible(repository.things, "")
        self._new = [one for one in stories.all_things() if one not in repository.things]
        self._tips: list[tuple[str, Tree]] = []
        self._build()

    def changed(self, index: int) -> Changed:
        """Return the commits and files of pull request `index`."""
        return self._changed[index]

    def story(self, index: int) -> Story:
        """Return what pull request `index` is about."""
        return self.branches[index].story

    def tip(self) -> str:
        """Return the newest commit of the default branch."""
        return self._tips[-1][0]

    def _possible(self, things: Sequence[Thing], key: str) -> list[tuple[Thing, Change]]:
        """Return what may happen to `things`, in a drawn order."""
        dice = Dice(self.repository.seed, self.repository.ordinal, "order", key)
        pairs = [(thing, change) for thing in things for change in stories.catalogue()]
        return dice.sample(pairs, len(pairs))

    def _build(self) -> None:
        create(self.path, self.repository.spec.default_branch)
        stream = Stream(self.path)
        tree = boilerplate.first_tree(self.repository.spec, self.repository.things)
        founder = (self.repository.crew[0], self.repository.created_at)
        root = stream.commit(self.main, [], ({}, tree), founder, "Initial commit\n")
        self._tips = [(root, tree)]
        for when, index, what in self._events():
            if what == "open":
                self._open(stream, index, when)
            else:
                self._close(stream, index, when)
        self._finish(stream)

    def _events(self) -> list[tuple[int, int, str]]:
        line = self.repository.timeline
        events = [(line.created[index], index, "open") for index in range(len(line))]
        events += [(closed, index, "shut") for index, closed in enumerate(line.closed) if closed]
        return sorted(events, key=lambda event: (event[0], event[2], event[1]))

    def _open(self, stream: Stream, index: int, when: int) -> None:
        dice = Dice(self.repository.seed, self.repository.ordinal, index, "git")
        author = self.repository.author_of(index)
        story, steps, brings = self._plan(index, author, dice)
        start, tree = self._start(steps, dice)
        branch = Branch(story, steps, author, self._tips[-1][0], start, tree, tree, brings=brings)
        self.branches[index] = branch
        for number, step in enumerate(steps):
            parent = branch.head if branch.commits else start
            time = when - 60 * (len(steps) - number)
            self._step(stream, index, step, (author, time), [parent])

    def _start(self, steps: Sequence[Step], dice: Dice) -> tuple[str, Tree]:
        """Return where a branch begins: at times behind the tip, if what it changes is there."""
        behind = dice.below(len(self._tips)) if dice.chance(0.3) else 0
        start = self._tips[-1 - behind]
        try:
            _edited(start[1], _edits(steps))
        except KeyError:
            return self._tips[-1]
        return start

    def _step(
        self, stream: Stream, index: int, step: Step, who: tuple[Person, int], parents: list[str]
    ) -> None:
        branch = self.branches[index]
        after = _edited(branch.tree, step.edits)
        mark = stream.commit(self._ref(index), parents, (branch.tree, after), who, step.message)
        branch.commits.append((mark, *who, step.message))
        branch.tree = after

    def _ref(self, index: int) -> str:
        return f"refs/pull/{self.repository.number_of(index)}/head"

    def _close(self, stream: Stream, index: int, when: int) -> None:
        dice = Dice(self.repository.seed, self.repository.ordinal, index, "close")
        branch, tip = self.branches[index], self._tips[-1][0]
        if tip != branch.base and dice.chance(0.25):
            self._catch_up(stream, index, when - 300)
        if self.repository.state(index) == "MERGED":
            way = dice.pick(("merge", "squash", "squash", "rebase"))
            self._merge(stream, index, (self.repository.merger_of(index), when), way)

    def _catch_up(self, stream: Stream, index: int, when: int) -> None:
        """Merge the base into the branch, as GitHub's button does."""
        branch, (tip, tree) = self.branches[index], self._tips[-1]
        after = _edited(tree, _edits(branch.steps))
        message = f"Merge branch '{self.repository.spec.default_branch}' into {branch.story.branch}"
        mark = stream.commit(
            self._ref(index),
            [branch.head, tip],
            (branch.tree, after),
            (branch.author, when),
            message,
        )
        branch.commits.append((mark, branch.author, when, message))
        branch.tree, branch.trunk, branch.base, branch.diff_base = after, tree, tip, tip

    def _merge(self, stream: Stream, index: int, who: tuple[Person, int], way: str) -> None:
        branch, (tip, tree) = self.branches[index], self._tips[-1]
        number = self.repository.number_of(index)
        if way == "rebase" and len(branch.commits) == len(branch.steps):
            for step in branch.steps:
                after = _edited(tree, step.edits)
                message = step.message
                tip = stream.commit(
                    self.main, [tip], (tree, after), (branch.author, who[1]), message
                )
                tree = after
        else:
            after = _edited(tree, _edits(branch.steps))
            source = f"{self.repository.owner}/{branch.story.branch}"
            parents, message = [tip], f"{branch.story.title} (#{number})\n"
            if way == "merge":
                parents = [tip, branch.head]
                message = f"Merge pull request #{number} from {source}\n\n{branch.story.title}\n"
            tip = stream.commit(self.main, parents, (tree, after), who, message)
            tree = after
        branch.merge = tip
        if branch.brings:
            self._left += self._possible([branch.brings], branch.brings.name)
        self._tips = [*self._tips[1 - KEPT_TIPS :], (tip, tree)]

    def _finish(self, stream: Stream) -> None:
        """Import what is in the stream, and note the object ids in the place of marks."""
        names = stream.run()
        self._tips = [(names.get(tip, tip), tree) for tip, tree in self._tips]
        touched = []
        for index, branch in self.branches.items():
            if any(mark in names for mark in (branch.head, branch.merge)):
                touched.append(index)
            branch.commits = [(names.get(c[0], c[0]), *c[1:]) for c in branch.commits]
            branch.base = names.get(branch.base, branch.base)
            branch.diff_base = names.get(branch.diff_base, branch.diff_base)
            branch.merge = names.get(branch.merge, branch.merge)
        pairs = [(self.branches[i].diff_base, self.branches[i].head) for i in touched]
        for index, files in zip(touched, diffstat(self.path, pairs), strict=True):
            branch = self.branches[index]
            commits = tuple(CommitFacts(*facts) for facts in branch.commits)
            self._changed[index] = Changed(
                branch.head, branch.base, branch.merge, commits, tuple(files)
            )
            if not self.repository.is_open(index):
                branch.tree = branch.trunk = {}

    # What happens later.

    def open(self, index: int, now: int) -> None:
        """Push the branch of a pull request that is opened at `now`."""
        stream = Stream(self.path)
        self._open(stream, index, now)
        self._finish(stream)

    def merge(self, index: int, now: int) -> None:
        """Squash a pull request onto the base."""
        stream = Stream(self.path)
        self._merge(stream, index, (self.repository.crew[0], now), "squash")
        self._finish(stream)

    def force_push(self, index: int, now: int) -> str:
        """Replace the commits of an open pull request by one; returns it."""
        branch, stream = self.branches[index], Stream(self.path)
        line = f"* {branch.story.title} ({now})\n"
        steps = [*branch.steps, Step("", [gofiles.append_text("CHANGELOG.md", line)])]
        step = Step(branch.steps[0].message, _edits(steps))
        branch.steps, branch.commits, branch.tree = [step], [], branch.trunk
        self._step(stream, index, step, (branch.author, now), [branch.diff_base])
        self._finish(stream)
        return branch.head

    # What a pull request does.

    def _plan(
        self, index: int, author: Person, dice: Dice
    ) -> tuple[Story, Sequence[Step], Thing | None]:
        if author.is_bot:
            return *self._robot(author, dice), None
        if self._new and (not self._left or dice.chance(0.05)):
            return self._introduction(index, dice)
        thing, change = self._left.pop()
        told = self._told(index, thing, change, dice)
        return told, _steps(told, thing, change, dice), None

    def _told(self, index: int, thing: Thing, change: Change, dice: Dice) -> Story:
        issue = self.repository.issue_of(index) or None
        return stories.tell(thing, change, self.repository.style, dice, issue)

    def _introduction(self, index: int, dice: Dice) -> tuple[Story, Sequence[Step], Thing]:
        thing = self._new.pop(dice.below(len(self._new)))
        told = self._told(index, thing, stories.INTRODUCTION, dice)
        item = gofiles.put_file(f"internal/{thing.package}/{thing.package}.go", item_file(thing))
        edits = [item, gofiles.put_file(thing.path, thing_file(thing))]
        return told, [Step(f"{told.title}\n", edits)], thing

    def _robot(self, author: Person, dice: Dice) -> tuple[Story, Sequence[Step]]:
        if author.login == "dependabot":
            story = stories.bump(dice)
            return story, [Step(f"{story.title}\n\n{story.body}", boilerplate.bump(story.code))]
        story = stories.automated(dice)
        edits = boilerplate.generate(story.code, self.repository.things[0])
        return story, [Step(f"{story.title}\n", edits)]


def _steps(told: Story, thing: Thing, change: Change, dice: Dice) -> Sequence[Step]:
    """Return the commits that make `change`: code, perhaps a test, notes, a better file name."""
    message = f"{told.title}\n\n{thing.fill(change.why)}\n"
    steps = [Step(message, [gofiles.apply_code(thing, change)])]
    if change.test:
        steps.append(Step("Add a test", [gofiles.apply_test(thing, change)]))
    if dice.chance(0.15):
        note = gofiles.append_text("CHANGELOG.md", f"* {told.title}\n")
        steps.append(Step("Note it in the changelog", [note]))
    if dice.chance(0.08):
        steps.append(Step(f"Name the file of {thing.name} after it", [gofiles.move(thing)]))
    if len(steps) > 1 and dice.chance(0.4):
        return [Step(message, _edits(steps))]
    return steps


def _edits(steps: Sequence[Step]) -> list[Edit]:
    return [edit for step in steps for edit in step.edits]


def _edited(tree: Tree, edits: Sequence[Edit]) -> Tree:
    for edit in edits:
        tree = edit(tree)
    return tree
