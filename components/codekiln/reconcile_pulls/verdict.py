"""Is the ledger right: what is wrong with it, and what to do about each fault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from codekiln.reconcile_pulls import accounts, run
from codekiln.reconcile_pulls.accounts import GONE, UNFINISHED, UNLISTED, UNREACHED, Account
from codekiln.reconcile_pulls.run import Run

COMPLETE, MINOR, FAILED = "complete", "minor", "failed"
NAMED = 5
"""So many repositories are named, the rest are counted."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Shares of pull requests that may be without an account, or have failed."""

    unaccounted: float
    failed: float


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is not as it should be; a grave one fails the run."""

    what: str
    remedy: str
    is_grave: bool = True


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is wrong, the gravest first."""

    problems: Sequence[Problem]

    @property
    def state(self) -> str:
        """Return COMPLETE, MINOR (within the limits) or FAILED."""
        if any(problem.is_grave for problem in self.problems):
            return FAILED
        return MINOR if self.problems else COMPLETE

    @property
    def reason(self) -> str:
        """Return the grave problems in one line."""
        return "; ".join(problem.what for problem in self.problems if problem.is_grave)


def judge(
    found: Sequence[Account], told: Run, faults: Mapping[str, str], limits: Limits
) -> Verdict:
    """Judge the accounts of a run; `faults` are those of the proof, by repository."""
    problems = [
        *_of_run(told),
        *_of_faults(faults),
        *_of_reach(found, told, limits),
        *_of_pulls(found, limits),
    ]
    return Verdict(problems=sorted(problems, key=lambda problem: not problem.is_grave))


def _of_run(told: Run) -> Iterator[Problem]:
    """Tell which steps have not come to their end."""
    if told.is_known and told.listed is None:
        yield Problem(
            what=_because("there is no list of repositories", told.errors_of(run.DISCOVERY)),
            remedy="Mend what the message names, then run again: nothing was collected.",
        )
    elif told.is_known and (told.missing or not told.shards):
        missing = ", ".join(map(str, told.missing)) or "all"
        what = f"shards that have not come to their end: {missing}"
        yield Problem(
            what=_because(what, told.errors_of(run.COLLECTION)),
            remedy="Run again with the same data: it goes on where it stopped.",
        )


def _because(what: str, errors: Sequence[str]) -> str:
    return f"{what} ({'; '.join(errors)})" if errors else what


def _of_faults(faults: Mapping[str, str]) -> Iterator[Problem]:
    if faults:
        listed = "; ".join(f"{name}: {told}" for name, told in list(faults.items())[:NAMED])
        yield Problem(
            what=f"rows and sums disagree in {_repositories(len(faults))}: {listed}",
            remedy="The data set is damaged, or written by a defect: restore the last named "
            "version (codekiln data restore), and report this page.",
        )


def _of_reach(found: Sequence[Account], told: Run, limits: Limits) -> Iterator[Problem]:
    """Tell of repositories that the run was to look at, and did not, or not to the end."""
    counted = accounts.by_status(found)
    asked = sum(counted.values()) - counted.get(UNLISTED, 0)
    late = [one for one in found if one.status in (UNREACHED, UNFINISHED)]
    if late:
        errors = [] if told.missing else told.errors_of(run.COLLECTION)
        yield Problem(
            what=_because(
                f"{_repositories(len(late))} of {asked:,} not reached or not finished: "
                f"{_named(late)}", errors,
            ),
            remedy="Run again with the same data: it goes on where it stopped.",
            is_grave=len(late) > limits.unaccounted * asked,
        )  # fmt: skip
    gone = [one for one in found if one.status == GONE]
    if gone:
        yield Problem(
            what=f"{_repositories(len(gone))} gone from GitHub: {_named(gone)}",
            remedy="Deleted, made private, taken down, or not for this token any more. What was "
            "collected before stays.",
            is_grave=False,
        )


def _of_pulls(found: Sequence[Account], limits: Limits) -> Iterator[Problem]:
    """Tell of pull requests without an account, and of those that failed."""
    yield from _too_many(
        found,
        [one.unaccounted for one in found],
        limits.unaccounted,
        Problem(
            what="unaccounted for",
            remedy="GitHub counts them, and its lists do not hold them, or not yet: the next run "
            "looks again. Many of them in one repository are worth a report.",
        ),
    )
    yield from _too_many(
        found,
        [one.failed for one in found],
        limits.failed,
        Problem(
            what="failed",
            remedy="The reasons are below; those that may pass are tried again by the next run.",
        ),
    )


def _too_many(
    found: Sequence[Account], counts: Sequence[int], most: float, told: Problem
) -> Iterator[Problem]:
    """Tell of `counts` by repository, if there are any; more than the share `most` is grave."""
    total, count = accounts.total(found).total, sum(counts)
    if count:
        share = count / max(total, 1)
        worst = sorted(zip(counts, found, strict=True), key=lambda pair: -pair[0])
        named = _named([one for number, one in worst if number])
        yield replace(
            told,
            what=f"{count:,} of {total:,} pull requests {told.what} ({share:.2%}, {most:.2%} "
            f"allowed): {named}",
            is_grave=share > most,
        )


def _repositories(count: int) -> str:
    return f"{count:,} {'repository' if count == 1 else 'repositories'}"


def _named(found: Sequence[Account]) -> str:
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    return ", ".join(one.name for one in found[:NAMED]) + more
