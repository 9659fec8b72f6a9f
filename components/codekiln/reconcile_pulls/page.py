"""ledger.html: the ledger for people, one file that asks for nothing from outside."""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codekiln.core.corpus.ledger import Sums
from codekiln.core.page import words
from codekiln.core.page.sheet import Fact, environment
from codekiln.reconcile_pulls import accounts
from codekiln.reconcile_pulls.accounts import COMPLETE as WHOLE
from codekiln.reconcile_pulls.accounts import Account
from codekiln.reconcile_pulls.document import Ledger
from codekiln.reconcile_pulls.verdict import COMPLETE, FAILED, MINOR

NAME = "ledger.html"
VERDICTS = {
    COMPLETE: ("success", "every pull request is accounted for"),
    MINOR: ("incomplete", "accounted for, with notes"),
    FAILED: ("failed", "not accounted for"),
}
FIRST = 40
"""Repositories that are shown at once; the others can be unfolded."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of all pull requests: its name, its count, its color in the style sheet."""

    name: str
    count: int
    style: str


def render(told: Ledger) -> str:
    """Return the page."""
    total = accounts.total(told.accounts)
    pill, verdict = VERDICTS[told.verdict.state]
    rows = sorted(told.accounts, key=_interest)
    return (
        environment("codekiln.reconcile_pulls")
        .get_template("ledger.html")
        .render(
            told=told,
            total=total,
            pill=pill,
            verdict=verdict,
            facts=list(facts(told, total)),
            parts=parts(total, unaccounted(told.accounts)),
            unaccounted=unaccounted(told.accounts),
            filtered=_shares(total.filtered),
            failed=_shares(total.failed),
            licenses=_shares(Counter(one.license or "unknown" for one in told.accounts)),
            left_out=_shares(told.run.left_out),
            first=rows[:FIRST],
            rest=rows[FIRST:],
            statuses=accounts.by_status(told.accounts),
            commands=list(commands(told)),
            written=told.written.strftime("%Y-%m-%d %H:%M UTC"),
        )
    )


def facts(told: Ledger, total: Sums) -> Iterator[Fact]:
    """Yield the tiles at the top."""
    counted = accounts.by_status(told.accounts)
    whole = counted.get(WHOLE, 0)
    yield Fact(
        name="repositories",
        value=words.count(len(told.accounts)),
        note=f"{words.count(whole)} complete",
    )
    yield Fact(name="on GitHub", value=words.short(total.total), note="pull requests, all states")
    yield Fact(
        name="collected",
        value=words.short(total.collected),
        note=f"{words.percent(total.collected, total.listed)} of those looked at",
    )
    missing = unaccounted(told.accounts)
    share = words.percent(missing, total.total)
    yield Fact(name="unaccounted for", value=words.count(missing), note=share)


def unaccounted(found: Sequence[Account]) -> int:
    """Return how many pull requests nothing explains; too many in one repository mend no other."""
    return sum(one.unaccounted for one in found)


def parts(total: Sums, missing: int) -> list[Part]:
    """Cut all pull requests into what became of them; parts that are empty are left out."""
    cut = [
        Part(name="collected", count=total.collected, style="good"),
        Part(name="filtered by a rule", count=sum(total.filtered.values()), style="second"),
        Part(name="beyond the cap", count=total.beyond, style="soft"),
        Part(name="failed", count=sum(total.failed.values()), style="first"),
        Part(name="unaccounted for", count=missing, style="bad"),
    ]
    return [part for part in cut if part.count > 0]


def _shares(counted: Mapping[str, int]) -> list[Part]:
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Part(name=name, count=count, style="") for name, count in ordered]


def _interest(account: Account) -> tuple[int, int, int, str]:
    """Put first what is not complete, then what misses most, then what holds most."""
    status = accounts.STATUSES.index(account.status)
    wrong = account.unaccounted + account.failed
    return status, -wrong, -account.sums.total, account.name.lower()


def commands(told: Ledger) -> Iterator[tuple[str, str]]:
    """Yield what a person may want to do with the data: in words, and as a command."""
    if told.version is None:
        return
    data = shlex.quote(told.data)
    name = told.name or str(told.version.number)
    yield "what is in it", f"codekiln data show {data} --version {name}"
    if told.earlier:
        yield (
            f"what is new since {told.earlier}",
            f"codekiln data diff {data} {told.earlier} {name}",
        )
    yield "as JSON lines", f"codekiln data export {data} --version {name} --table pulls"
    yield "go back to it, whatever comes", f"codekiln data restore {data} {name}"
