"""From one pull request to its examples, with every file and every candidate accounted for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from codekiln.build_examples import candidates, plan, triage
from codekiln.build_examples.candidates import Candidate, Found, Looked
from codekiln.build_examples.cutting import whole_words
from codekiln.build_examples.limits import Limits
from codekiln.build_examples.plan import Spoken
from codekiln.build_examples.targets import Target, across, targets
from codekiln.core.corpus import licenses
from codekiln.core.corpus.examples import (
    FAILED,
    HUNK,
    PASSED,
    UNKNOWN,
    Context,
    Example,
    Problem,
    Solution,
    identity,
)
from codekiln.core.corpus.pulls import ChangedFile, PullRequest
from codekiln.core.golang import declarations, files
from codekiln.core.golang.judging import Judge, Verdict

OVER_CAP = "over the cap"
SEVERAL = "several reasons"
NOT_MERGED = "not merged"
NO_FILES = "no files"

LONGEST_TITLE = 1000
"""GitHub takes 256 characters; a folder of records may hold anything."""

CI = {"SUCCESS": PASSED, "FAILURE": FAILED, "ERROR": FAILED}
"""What the checks of a head say of tests; a state that is pending or absent says nothing."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one pull request.

    `reason` is "" if it has examples. `files` counts its files by reason, "" those with examples;
    `dropped` its candidates by reason.
    """

    examples: list[Example] = field(default_factory=list)
    reason: str = ""
    files: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


def of_pull(pull: PullRequest, limits: Limits, judge: Judge) -> Made:
    """Return the examples of `pull`, and why what gave none gave none."""
    if pull.merged_at is None:
        return Made(reason=NOT_MERGED, files=Counter({NOT_MERGED: len(pull.files)}))
    reasons, looked = look(pull.files, limits)
    made = Made(files=Counter(reasons))
    found = [candidates.of_file(one, limits) for one in looked]
    kept = capped([one.candidates for one in found], limits.examples)
    for one, chosen, file in zip(found, kept, looked, strict=True):
        made.dropped.update(one.dropped)
        made.dropped[OVER_CAP] += len(one.candidates) - len(chosen)
        made.files[of_file(one, chosen, file)] += 1
    said = plan.spoken(pull)
    for chosen in kept:
        made.examples.extend(example(said, one, limits, judge) for one in chosen)
    return Made(made.examples, of_all(made), +made.files, +made.dropped)


def look(changed: Iterable[ChangedFile], limits: Limits) -> tuple[list[str], list[Looked]]:
    """Return why files are left out, and the others with their targets."""
    reasons: list[str] = []
    outlines: list[Looked] = []
    gone: list[Sequence[Target]] = []
    for file in changed:
        reason = triage.verdict(file, limits)
        if reason is None:
            outlines.append(taken_apart(file))
            continue
        reasons.append(reason)
        if reason == "removed file" and not triage.is_long(file.before or "", limits.file_bytes):
            gone.append(taken_apart(file).targets)
    whole = across([*(one.targets for one in outlines), *gone])
    joined = [
        Looked(one.file, one.before, one.after, some)
        for one, some in zip(outlines, whole, strict=False)
    ]
    return reasons, joined


def taken_apart(file: ChangedFile) -> Looked:
    """Return the two sides of `file` with what differs; of broken ones nothing is told."""
    before = declarations.outline(file.before or "")
    after = declarations.outline(file.after or "")
    broken = before.broken or after.broken
    some = [] if broken else targets(before.declarations, after.declarations)
    return Looked(file, before, after, some)


def capped(some: Sequence[Sequence[Candidate]], most: int) -> list[list[Candidate]]:
    """Return at most so many candidates: the first of every file, then the second of every file."""
    places = sorted((n, file) for file, row in enumerate(some) for n in range(len(row)))
    chosen = set(places[:most])
    return [
        [one for n, one in enumerate(row) if (n, file) in chosen] for file, row in enumerate(some)
    ]


def of_file(found: Found, chosen: Sequence[Candidate], looked: Looked) -> str:
    """Return why a file has no example, "" if it has."""
    if chosen:
        return ""
    if found.candidates:
        return OVER_CAP
    reasons = [reason for reason, count in found.dropped.items() if count]
    if not reasons:
        return "no hunks" if looked.broken else triage.undeclared(looked.before, looked.after)
    return reasons[0] if len(reasons) == 1 else SEVERAL


def of_all(made: Made) -> str:
    """Return why a pull request has no example, "" if it has: the reason of all of its files."""
    if made.examples:
        return ""
    reasons = [reason for reason, count in made.files.items() if count]
    if not reasons:
        return NO_FILES
    return reasons[0] if len(reasons) == 1 else SEVERAL


def example(said: Spoken, candidate: Candidate, limits: Limits, judge: Judge) -> Example:
    """Make the example of `candidate`."""
    pull, path = said.pull, candidate.file.path
    if pull.merged_at is None:
        raise ValueError(f"{pull.repository}#{pull.number} was never merged")
    title = whole_words(pull.title, LONGEST_TITLE)
    details = whole_words(pull.body, limits.details_chars)
    return Example(
        id=identity(pull.repository_id, pull.number, path, candidate.target),
        repository=pull.repository,
        repository_id=pull.repository_id,
        license=licensed(pull.license, candidate.file),
        number=pull.number,
        commit=pull.merge_commit_sha or pull.head_sha,
        merged_at=pull.merged_at,
        path=path,
        kind=candidate.kind,
        problem=Problem(title=title, details=details),
        context=Context(path=path, before=candidate.before),
        plan=plan.steps(said, candidate, limits.steps),
        solution=solution(candidate, judge, pull.ci_state),
    )


def licensed(repository: str, file: ChangedFile) -> str:
    """Return the license of `file`: its repository's, if that is known, unless it names another."""
    own = files.license_of(file.after or "")
    is_known = repository.upper() not in licenses.UNKNOWN
    return own if own and is_known and own.lower() != repository.lower() else repository


def solution(candidate: Candidate, judge: Judge, ci_state: str | None) -> Solution:
    """Judge what was written: a declaration by itself, a hunk inside its whole file."""
    verdict = judged(candidate, judge)
    known = verdict.syntax != UNKNOWN
    return Solution(
        code=candidate.code,
        syntax=verdict.syntax,
        syntax_error=verdict.error,
        go_version=judge.version if known else "",
        tests=CI.get(ci_state or "", UNKNOWN),
    )


def judged(candidate: Candidate, judge: Judge) -> Verdict:
    """Return what Go says of the candidate's syntax."""
    if candidate.kind == HUNK:
        return judge.of_file(candidate.file.after or "")
    return judge.of_declarations(candidate.code)
