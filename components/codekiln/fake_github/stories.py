"""What a pull request is about: its intent, its words and the piece of Go that it changes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

import yaml

from codekiln.fake_github.dice import Dice
from codekiln.fake_github.words import words

_SLOT = re.compile(r"(?:\b([Aa])n? )?(THING|ITEMS|ITEM|ONE|PKG)")


@dataclass(frozen=True, slots=True)
class Thing:
    """A Go type that holds items: `SessionCache` in package `session` holds `Session`s."""

    item: str
    suffix: str

    @property
    def name(self) -> str:
        """Return the name of the type."""
        return self.item + self.suffix

    @property
    def package(self) -> str:
        """Return the name of its package."""
        return self.item.lower()

    @property
    def path(self) -> str:
        """Return the file that declares it."""
        return f"internal/{self.package}/{self.suffix.lower()}.go"

    def fill(self, text: str) -> str:
        """Put this type's names into the slots of `text`."""
        return _filled(self.item, self.suffix, text)


@lru_cache(maxsize=1 << 14)
def _filled(item: str, suffix: str, text: str) -> str:
    one = item.lower()
    many = one[:-1] + "ies" if one.endswith("y") else one + "s"
    many = one + "es" if one.endswith("x") else many
    told = {"THING": item + suffix, "ITEM": item, "ITEMS": many, "ONE": one, "PKG": one}

    def word(slot: re.Match[str]) -> str:
        article, filled = slot[1], told[slot[2]]
        if article is None:
            return filled
        return f"{article}{'n' if filled[0] in 'AEIOUaeio' else ''} {filled}"

    return _SLOT.sub(word, text)


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the catalogue: one change of one method, in words and in Go."""

    key: str
    intent: str
    symbol: str
    title: str
    why: str
    how: str
    before: str = ""
    after: str = ""
    test: str = ""


@cache
def catalogue() -> Sequence[Change]:
    """Return every change that the developers of this world know, in a fixed order."""
    text = resources.files("codekiln.fake_github").joinpath("catalogue.yaml").read_text("utf-8")
    return [Change(**entry) for entry in yaml.safe_load(text)]


INTRODUCTION = Change(
    key="introduce",
    intent="add",
    symbol="New",
    title="add THING to hold ITEMS",
    why=(
        "ITEMS live in a plain map that three handlers share, each with its own lock and its own "
        "idea of when one is too old. That map is where the last two incidents came from."
    ),
    how=(
        "A type of its own in internal/PKG, with the lock inside and an injected clock. The "
        "handlers move over one by one in follow-ups, so that this stays easy to review."
    ),
    after="""// NewTHING returns an empty THING for up to limit ITEMS.
func NewTHING(limit int) *THING {
	return &THING{items: map[string]ITEM{}, limit: limit, ttl: time.Hour, now: time.Now}
}
""",
)
"""The change that a type begins with."""


def all_things() -> list[Thing]:
    """Return every type that the developers of this world may come to."""
    return [Thing(item, suffix) for item in words("items") for suffix in words("suffixes")]


@dataclass(frozen=True, slots=True)
class Story:
    """The words of one pull request."""

    intent: str
    title: str
    body: str
    branch: str
    labels: tuple[str, ...]
    path: str
    code: str
    why: str = ""


LABELS = {
    "fix": ("bug", "kind/bug", "bugfix"),
    "add": ("enhancement", "kind/feature", "feature"),
    "refactor": ("refactoring", "kind/cleanup", "cleanup"),
    "optimize": ("performance", "kind/performance", "performance"),
    "update": ("enhancement", "kind/behaviour-change", "change"),
    "remove": ("cleanup", "kind/cleanup", "deprecation"),
    "bump": ("dependencies", "dependencies", "dependencies"),
    "chore": ("ci", "kind/ci", "automated"),
}
_CONVENTIONAL = {"add": "feat", "optimize": "perf", "update": "feat", "remove": "refactor"}


def tell(thing: Thing, change: Change, style: int, dice: Dice, issue: int | None) -> Story:
    """Tell the story of `change` on `thing`; `issue` is the one that it closes.

    `style` is the repository's: 0 "fix(cache): ...", 1 "cache: ...", 2 a plain sentence.
    """
    sentence = thing.fill(change.title)
    title = {
        0: f"{_CONVENTIONAL.get(change.intent, change.intent)}({thing.package}): {sentence}",
        1: f"{thing.package}: {sentence}",
        2: sentence[0].upper() + sentence[1:],
    }[style]
    branch = f"{change.intent}/{thing.package}-{change.key}"
    body = _body(thing, change, style, dice, issue)
    labels = _labels(change.intent, style, dice)
    code = thing.fill(change.after or change.before)
    return Story(
        change.intent, title, body, branch, labels, thing.path, code, thing.fill(change.why)
    )


def _labels(intent: str, style: int, dice: Dice) -> tuple[str, ...]:
    if dice.chance(0.25):
        return ()
    extra = ("lgtm",) if style == 1 and dice.chance(0.4) else ()
    return (LABELS[intent][style], *extra)


def _body(thing: Thing, change: Change, style: int, dice: Dice, issue: int | None) -> str:
    if dice.chance(0.06):
        return ""
    closes = f"{dice.pick(['Fixes', 'Closes', 'Resolves'])} #{issue}" if issue else ""
    why, how = thing.fill(change.why), thing.fill(change.how)
    check = thing.fill(dice.pick(words("checks")))
    if style == 0:
        parts = ["## Why", why, "## What", how, "## Checks", check, closes]
    elif style == 1:
        parts = [why, how, closes, thing.fill(dice.pick(words("release notes")))]
    else:
        parts = [closes, why, how, check if dice.chance(0.5) else ""]
    return "\n\n".join(filter(None, parts))


MODULES = (
    ("golang.org/x/net", "0.{}.0"),
    ("golang.org/x/sync", "0.{}.0"),
    ("google.golang.org/grpc", "1.{}.2"),
    ("github.com/prometheus/client_golang", "1.{}.1"),
    ("github.com/spf13/cobra", "1.{}.0"),
    ("github.com/stretchr/testify", "1.{}.0"),
    ("go.uber.org/zap", "1.{}.0"),
)


def bump(dice: Dice) -> Story:
    """Tell the story of a bot that raises a dependency."""
    module, version = dice.pick(MODULES)
    minor = dice.between(8, 40)
    old, new = version.format(minor), version.format(minor + dice.between(1, 3))
    title = f"build(deps): bump {module} from {old} to {new}"
    body = (
        f"Bumps [{module}](https://pkg.go.dev/{module}) from {old} to {new}.\n\n"
        "Dependabot will resolve any conflicts with this PR as long as you don't alter it yourself."
        " You can also trigger a rebase manually by commenting `@dependabot rebase`.\n"
    )
    branch = f"dependabot/go_modules/{module}-{new}"
    code = f"require {module} v{new}\n"
    return Story("bump", title, body, branch, ("dependencies", "go"), "go.mod", code)


def automated(dice: Dice) -> Story:
    """Tell the story of a workflow that commits what it generated."""
    what = dice.pick(["generated protobuf code", "the changelog", "the copyright years"])
    version = f"v{dice.between(0, 3)}.{dice.between(1, 30)}"
    body = f"Made by the workflow `update.yaml` for {version}. Do not edit by hand."
    code = f'// Version is the release this was generated for.\nconst Version = "{version}"\n'
    return Story(
        "chore",
        f"chore: update {what} for {version}",
        body,
        f"actions/update-{version}",
        ("automated",),
        "internal/version/version.go",
        code,
    )
