"""Is the ledger right: what is wrong with it, and what to do about each fault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from codekiln.reconcile_pulls import accounts, run
from codekiln.reconcile_pulls.accounts import GONE, UNFINISHED, UNLISTED, UNREACHED, Account
from codekiln.reconcile_pulls.run import Run

COMPLETE, MINOR, FAILED = "complete", "minor", "failed"
NAMED = 5
"""So many repositories are named, the rest are counted."""
FEWEST_GONE = 3
"""One or two that are gone are chance, whatever their share of a short list."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Shares of pull requests that may be without an account, or have failed.

    `gone` is the share of the listed repositories that may be gone.
    """

    unaccounted: float
    failed: float
    gone: float


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
    found: Sequence[Account],
    told: Run,
    faults: Mapping[str, str],
    limits: Limits,
    *,
    is_empty: bool = False,
) -> Verdict:
    """Judge the accounts of a run; `faults` are those of the proof, by repository.

    With `is_empty` the data set has no version at all.
    """
    problems = [
        *_of_run(told),
        *_of_faults(faults),
        *_of_reach(found, told, limits),
        *_of_gone(found, told, limits),
        *_of_pulls(found, limits),
        # Last: where a step failed, that is why, and the first thing to be said.
        *_of_data(is_empty=is_empty),
    ]
    return Verdict(problems=sorted(problems, key=lambda problem: not problem.is_grave))


def _of_data(*, is_empty: bool) -> Iterator[Problem]:
    if is_empty:
        yield Problem(
            what="there is no data set: no version was ever written there",
            remedy="Check the place of the data; if it is right, nothing was collected yet.",
        )


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


def _of_gone(found: Sequence[Account], told: Run, limits: Limits) -> Iterator[Problem]:
    """Tell of repositories that are gone; that many listed ones are at once is grave.

    Listed are those of the run, with the names that led its discovery nowhere; without a list all.
    """
    gone = [one for one in found if one.status == GONE]
    keys = {one.key for one in found} if told.listed is None else {n.node_id for n in told.listed}
    nowhere = told.left_out.get(run.GONE, 0)
    missed, asked = nowhere + sum(one.key in keys for one in gone), nowhere + len(keys)
    named = f": {_named(gone)}" if gone else ""
    remedy = (
        "Deleted, made private, taken down, or not for this token any more. What was collected "
        "before stays."
    )
    if missed >= FEWEST_GONE and missed > limits.gone * asked:
        what = (
            f"{missed:,} of {asked:,} listed repositories gone from GitHub, or hidden from the "
            f"token ({missed / asked:.0%}, {limits.gone:.0%} allowed){named}"
        )
        yield Problem(what=what, remedy=f"{remedy} Check the token and the list, or set max_gone.")
    elif gone:
        what = f"{_repositories(len(gone))} gone from GitHub{named}"
        yield Problem(what=what, remedy=remedy, is_grave=False)


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
