"""What a change is for: FIX, ADD, REFACTOR, OPTIMIZE, UPDATE or REMOVE, and what says so.

The rules, the first that speaks decides; those that agree with it are told as evidence too:
1. the prefix of a conventional commit in the title (conventionalcommits.org); of `chore`, `docs`
   and the like, which say where and not what for, the rest of the title is read instead;
2. the words of the title, behind a Go project's `package: `: the first one that is on a list, for
   a title begins with its verb (`added` behind another word is none); before any of them, words
   that name a defect, or speed;
3. the labels;
4. the titles of the issues that it closes;
5. the prefixes and first words of its commits, and of the first line of its text;
6. what the diff shows: something new is ADD, something of a new name REFACTOR, lines that only went
   are REMOVE, all else is UPDATE.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from codekiln.build_examples.cutting import whole_words
from codekiln.core.corpus.pulls import PullRequest

FIX, ADD, REFACTOR, OPTIMIZE, UPDATE, REMOVE = (
    "FIX", "ADD", "REFACTOR", "OPTIMIZE", "UPDATE", "REMOVE",
)  # fmt: skip

MOST_COMMITS = 20
"""Commits of one pull request that are asked; more say no more."""
LONGEST = 300
"""Characters of a title or first line that are read."""

PREFIX = re.compile(r"^\s*(?P<kind>[A-Za-z]+)(?:\([^()]{0,80}\))?!?:\s+(?P<rest>.*)", re.DOTALL)
PREFIXES = {
    "fix": FIX, "bugfix": FIX, "hotfix": FIX, "revert": REMOVE, "feat": ADD, "feature": ADD,
    "refactor": REFACTOR, "refac": REFACTOR, "perf": OPTIMIZE, "style": REFACTOR,
    "cleanup": REFACTOR, "deflake": FIX,
}  # fmt: skip
NEUTRAL = frozenset({"chore", "docs", "doc", "test", "tests", "build", "ci", "wip"})
"""Prefixes that say where, so that what follows is read."""

PACKAGE = r"[\w./*{}()-]{1,60}"
PLACE = re.compile(
    rf"^\s*(?:\[[^\[\]]{{0,80}}\]\s*|{PACKAGE}(?:(?:, ?{PACKAGE}){{0,5}}| {PACKAGE}):\s+)+"
)
"""`[server] `, `mvcc/backend: `, `*: `, `auth, etcdserver: `, `client v2: ` in front of a title."""

WORD = re.compile(r"[a-z]+(?:-[a-z]+)?")

VERBS = {
    FIX: (
        "fix fixes fixed fixing fixup fixups bugfix hotfix correct corrects corrected resolve "
        "resolves resolved prevent prevents avoid avoids ensure ensures handle handles repair "
        "deflake mitigate protect recover restore tolerate workaround silence"
    ),
    ADD: (
        "add adds added adding implement implements implemented introduce introduces create "
        "creates created support supports supporting allow allows enable enables expose exposes "
        "provide provides include includes generate initial new extend extends export exports "
        "register define"
    ),
    REFACTOR: (
        "refactor refactors refactored refactoring rename renames renamed move moves moved moving "
        "extract extracts simplify simplifies clean cleans cleanup clean-up split splits "
        "reorganize restructure rewrite rework unify consolidate merge dedupe deduplicate migrate "
        "convert inline decouple modularize modularization tidy reuse"
    ),
    OPTIMIZE: (
        "optimize optimizes optimized optimise optimization improve-performance speed speeds "
        "speedup faster reduce reduces cache caches preallocate parallelize accelerate"
    ),
    REMOVE: (
        "remove removes removed removing delete deletes deleted drop drops dropped deprecate "
        "deprecates deprecated revert reverts disable disables stop stops purge prune unexport"
    ),
    UPDATE: (
        "update updates updated updating upgrade upgrades bump bumps bumped change changes changed "
        "set sets use uses using switch replace replaces make makes improve improves improved "
        "increase decrease adjust modify tweak enhance clarify document refine pin log print "
        "mark configure document require limit return"
    ),
}
VERB = {word: intent for intent, words in VERBS.items() for word in words.split()}
PAST = frozenset(word for word in VERB if word.endswith("ed")) - {"speed"}
"""In a title these say what was done only where they begin it: `keep a key deleted later`."""
HEADLINES = frozenset({"title", "issue", "commit"})

DEFECT = re.compile(
    r"\b(?:bugs?|panics?|crash(?:es|ed)?|dead-?locks?|races?|racy|leak(?:s|ing|ed)?|flak[ey]y?|"
    r"regressions?|typos?|incorrect(?:ly)?|wrong(?:ly)?|broken|breaks|nil pointer|segfaults?|"
    r"out of bounds|hangs?|corrupt(?:ed|ion)?|garbage|mistakenly|fails?|failing|unexpected(?:ly)?|"
    r"missing|don't|do not|doesn't|does not|should not|shouldn't)\b",
    re.IGNORECASE,
)
SPEED = re.compile(
    r"\b(?:performance|perf|speed(?: ?up)?|faster|slow(?:er|ness)?|allocations?|allocs?|latency|"
    r"throughput|efficient(?:ly)?|start-?up time|memory usage|cpu usage|optimi[sz]\w*)\b",
    re.IGNORECASE,
)
WEAK = frozenset({ADD, UPDATE})
"""What words of a defect or of speed may overrule: `ensure no leak` is FIX anyway."""

LABELS = {
    FIX: r"bugs?|bugfix|fix|regression|defect|flaky?|crash|panic|race",
    ADD: r"features?|enhancement|feat|new-feature|feature-request",
    REFACTOR: r"refactor(?:ing)?|clean-?up|tech-?debt|code-?health",
    OPTIMIZE: r"perf|performance|optimi[sz]ation",
    REMOVE: r"deprecation|removal",
    UPDATE: r"dependencies|deps|upgrade|chore|maintenance",
}
LABEL = {
    intent: re.compile(rf"(?:^|[^a-z])(?:{words})(?:$|[^a-z])", re.IGNORECASE)
    for intent, words in LABELS.items()
}


class Vote(NamedTuple):
    """One sign of what a change is for; `evidence` is `source:word`."""

    intent: str
    evidence: str


def votes(pull: PullRequest) -> list[Vote]:
    """Return all signs that a pull request shows, the strongest first."""
    return [
        *of_text(pull.title, "title"),
        *of_labels(pull.labels),
        *of_issues(issue.title for issue in pull.closing_issues),
        *(vote for one in pull.commits[:MOST_COMMITS] for vote in of_text(one.message, "commit")),
        *of_text(pull.body, "body"),
    ]


def decided(signs: Sequence[Vote]) -> Vote | None:
    """Return the first sign with all that agree with it as its evidence; None without any."""
    if not signs:
        return None
    agreed = dict.fromkeys(one.evidence for one in signs if one.intent == signs[0].intent)
    return Vote(signs[0].intent, ", ".join(agreed))


def of_text(text: str, source: str) -> Iterator[Vote]:
    """Yield what the first line of `text` says, a title's or a commit's."""
    line = first_line(text)
    found = PREFIX.match(line)
    kind = found["kind"].lower() if found else ""
    if found and kind in PREFIXES:
        where = "prefix" if source == "title" else f"{source} prefix"
        yield Vote(PREFIXES[kind], f"{where}:{kind}")
        return
    if found and kind in NEUTRAL:
        line = found["rest"]
    vote = of_words(without_place(line), source)
    if vote is not None:
        yield vote


def first_line(text: str) -> str:
    """Return the first line of `text` that is not empty, cut where it is too long to mean much."""
    top = whole_words(text, 10 * LONGEST).strip()
    return whole_words(top.partition("\n")[0], LONGEST)


def without_place(line: str) -> str:
    """Return `line` without the package that it begins with."""
    return PLACE.sub("", line)


def of_words(line: str, source: str) -> Vote | None:
    """Return what the words of a line of prose say."""
    words = WORD.findall(line.lower())
    passed = PAST if source in HEADLINES else frozenset[str]()
    told = [*words[:1], *(word for word in words[1:] if word not in passed)]
    verb = next((word for word in told if word in VERB), "")
    intent = VERB.get(verb, "")
    if not intent or intent in WEAK:
        for wanted, pattern in ((FIX, DEFECT), (OPTIMIZE, SPEED)):
            found = pattern.search(line)
            if found:
                return Vote(wanted, f"{source}:{found[0].lower()}")
    return Vote(intent, f"{source}:{verb}") if intent else None


def of_labels(labels: Iterable[str]) -> Iterator[Vote]:
    """Yield what labels such as `kind/bug` say."""
    for label in labels:
        for intent, pattern in LABEL.items():
            if pattern.search(label):
                yield Vote(intent, f"label:{label}")


def of_issues(titles: Iterable[str]) -> Iterator[Vote]:
    """Yield what the titles of closed issues say: one that names a defect asked for a fix."""
    for title in titles:
        found = DEFECT.search(title[:LONGEST])
        vote = (
            Vote(FIX, f"issue:{found[0].lower()}") if found else of_words(title[:LONGEST], "issue")
        )
        if vote is not None:
            yield vote
