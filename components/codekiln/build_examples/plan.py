"""The plan of an example: what to do to its targets, from what people and the diff say of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codekiln.build_examples import intents
from codekiln.build_examples.candidates import Candidate
from codekiln.build_examples.cutting import whole_words
from codekiln.build_examples.facts import facts
from codekiln.build_examples.intents import Vote
from codekiln.build_examples.targets import ADDED, MOVED, REMOVED, RENAMED, Target
from codekiln.core.corpus.examples import Step
from codekiln.core.corpus.pulls import PullRequest, ReviewComment

LONGEST = 200
"""Characters of one description."""
SHORTEST = 12
"""Characters of a comment or line that can say something: `LGTM`, `nit` and `done` have fewer."""
SHORTEST_NAME = 4
"""Letters of a name that text is searched for; shorter ones are words (`New`, `Get`, `run`)."""
MOST_BODY = 20_000
"""Characters of a body that are searched for names."""

ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s*)?")
FENCE = re.compile(r"^\s*(?:```|~~~)")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
NO_PROSE = (">", "<!--", "#", "|")
BOT_ENDINGS = ("[bot]", "-bot", "-robot", "-automation")
BOTS = frozenset({"copilot"})
"""Bots that GitHub gives no such ending: so its own reviewer is called in comments on lines."""

FILE = "file"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said of a pull request, read once for all of its examples."""

    pull: PullRequest
    title: str
    purpose: Vote | None
    lines: Sequence[tuple[str, str]]
    """Lines of commits and of the body that may name a target, each behind its source."""


def spoken(pull: PullRequest) -> Spoken:
    """Read what was said of `pull`."""
    body = whole_words(pull.body, MOST_BODY)
    return Spoken(
        pull=pull,
        title=stripped(pull.title),
        purpose=intents.decided(intents.votes(pull)),
        lines=[*of_commits(pull), *(("body", line) for line in prose(body))],
    )


def stripped(title: str) -> str:
    """Return a title without the prefix or package that it begins with, cut to a description."""
    line = intents.first_line(title)
    found = intents.PREFIX.match(line)
    kind = found["kind"].lower() if found else ""
    if found and (kind in intents.PREFIXES or kind in intents.NEUTRAL):
        line = found["rest"]
    return shortened(intents.without_place(line) or line)


def of_commits(pull: PullRequest) -> Iterator[tuple[str, str]]:
    """Yield the subjects of commits, but the title said again and merges of the base."""
    for commit in pull.commits[: intents.MOST_COMMITS]:
        subject = intents.first_line(commit.message)
        if not subject.startswith("Merge ") and subject != pull.title:
            yield "commit", subject


def prose(text: str) -> Iterator[str]:
    """Yield the sentences of Markdown, item by item, without code, quotes, tables and comments."""
    for paragraph in paragraphs(text):
        for sentence in SENTENCE.split(paragraph):
            if len(sentence) >= SHORTEST:
                yield sentence


def paragraphs(text: str) -> Iterator[str]:
    """Yield paragraphs and list items, each in one line, however its author broke it."""
    fenced = False
    held: list[str] = []
    for line in [*text.split("\n"), ""]:
        is_fence = FENCE.match(line) is not None
        fenced ^= is_fence
        is_text = bool(line.strip()) and not (
            fenced or is_fence or line.lstrip().startswith(NO_PROSE)
        )
        if held and (not is_text or ITEM.match(line)):
            yield " ".join(held)
            held = []
        if is_text:
            held.append(ITEM.sub("", line).strip())


def shortened(text: str) -> str:
    """Return `text` in one line, cut at a word where it is too long for a description."""
    line = " ".join(whole_words(text, 4 * LONGEST).split())
    return line if len(line) <= LONGEST else whole_words(line, LONGEST - 1) + "…"


def steps(said: Spoken, candidate: Candidate, most: int) -> tuple[Step, ...]:
    """Return the plan of `candidate`, `most` steps at the longest; the first is what it is about.

    Behind it come the other targets of a hunk, what the diff shows, and what commits, the body and
    reviewers say of the target by name or on its lines.
    """
    main = candidate.targets[0] if candidate.targets else None
    planned = [step(said, candidate, target) for target in candidate.targets]
    planned = planned or [step(said, candidate, None)]
    intent = planned[0].intent
    planned += [
        _step(Vote(intent, fact.evidence), candidate, main, fact.text)
        for fact in facts(main, candidate.before, candidate.code)
    ]
    planned += [_step(sign, candidate, main, text) for sign, text in remarks(said, candidate)]
    told: dict[tuple[str, str], Step] = {}
    for one in planned:
        told.setdefault((one.target_name, one.description.lower()), one)
    return tuple(told.values())[:most]


def step(said: Spoken, candidate: Candidate, target: Target | None) -> Step:
    """Return the step that says what is done to `target`, and what for."""
    shown = shows(candidate, target)
    structural = target is not None and target.change in (ADDED, REMOVED)
    vote = said.purpose if said.purpose and not structural else shown
    if said.purpose and structural and said.purpose.intent == shown.intent:
        vote = Vote(shown.intent, f"{shown.evidence}, {said.purpose.evidence}")
    return _step(vote, candidate, target, said.title)


def shows(candidate: Candidate, target: Target | None) -> Vote:
    """Return what the diff shows of the intent, without any words."""
    if target is not None and target.change != REMOVED and target.change in SHOWN:
        return Vote(SHOWN[target.change], f"diff:{target.change}")
    if target is not None and target.change == REMOVED:
        return Vote(intents.REMOVE, "diff:removed")
    if only_removed(candidate.before, candidate.code):
        return Vote(intents.REMOVE, "diff:lines removed")
    return Vote(intents.UPDATE, "diff:changed")


SHOWN = {ADDED: intents.ADD, RENAMED: intents.REFACTOR, MOVED: intents.REFACTOR}


def only_removed(before: str, code: str) -> bool:
    """Say whether `code` is `before` with some lines taken out and none put in."""
    left = iter(before.split("\n"))
    return len(code) < len(before) and all(line in left for line in code.split("\n"))


def remarks(said: Spoken, candidate: Candidate) -> Iterator[tuple[Vote, str]]:
    """Yield what commits, the body and reviewers say of the candidate."""
    names = {bare(target.name) for target in candidate.targets}
    wanted = [name for name in sorted(names) if len(name) >= SHORTEST_NAME]
    if wanted:
        named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)")
        for source, line in said.lines:
            if named.search(line):
                yield of_remark(stripped(line) if source == "commit" else line, source)
    for comment in said.pull.review_comments:
        if is_about(comment, candidate) and comment.author != said.pull.author:
            line = next(prose(comment.body), "")
            if line:
                yield of_remark(line, "review")


def bare(name: str) -> str:
    """Return the last part of what Go calls something: Open of (*Store).Open."""
    return name.rpartition(".")[2]


def is_about(comment: ReviewComment, candidate: Candidate) -> bool:
    """Say whether a person commented on lines of `candidate`; comments count them from 1."""
    if comment.path != candidate.file.path or comment.line is None:
        return False
    return candidate.start < comment.line <= candidate.stop and not is_bot(comment.author)


def is_bot(login: str) -> bool:
    """Say whether an account is a machine's, by its name: of these comments no type is kept."""
    name = login.lower()
    return name in BOTS or name.endswith(BOT_ENDINGS)


def of_remark(line: str, source: str) -> tuple[Vote, str]:
    """Return a line of prose and what it says of the intent: UPDATE if nothing."""
    vote = intents.of_words(intents.without_place(line[: intents.LONGEST]), source)
    return vote or Vote(intents.UPDATE, source), line


def called(target: Target, candidate: Candidate) -> str:
    """Return the name of `target`; of a group, one that changed where the candidate shows it."""
    shown = (name for name in target.names if name in candidate.code or name in candidate.before)
    return next(shown, target.name)


def _step(vote: Vote, candidate: Candidate, target: Target | None, text: str) -> Step:
    return Step(
        intent=vote.intent,
        evidence=vote.evidence,
        target_kind=target.shown.kind if target else FILE,
        target_name=called(target, candidate) if target else candidate.file.path,
        description=shortened(text),
    )
