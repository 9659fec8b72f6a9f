"""ledger.json: the same as the page, for programs."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codekiln.core.datasets.dataset import Version
from codekiln.reconcile_pulls import accounts
from codekiln.reconcile_pulls.accounts import Account
from codekiln.reconcile_pulls.run import Run
from codekiln.reconcile_pulls.verdict import Verdict

NAME = "ledger.json"
SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Everything that the page and the document tell."""

    data: str
    version: Version | None
    name: str
    """What the version is called; empty: it has no name."""
    earlier: str
    """The name of the newest version before it that has one; empty: there is none."""
    accounts: Sequence[Account]
    run: Run
    verdict: Verdict
    written: datetime


def compose(told: Ledger) -> dict[str, Any]:
    """Return the document."""
    return {
        "schema": SCHEMA,
        "verdict": told.verdict.state,
        "problems": [dataclasses.asdict(problem) for problem in told.verdict.problems],
        "data": told.data,
        "version": told.version.number if told.version else None,
        "name": told.name,
        "as_of": told.run.as_of.isoformat() if told.run.as_of else None,
        "written": told.written.isoformat(timespec="seconds"),
        "pull_requests": accounts.total(told.accounts).to_json(),
        "repositories": accounts.by_status(told.accounts),
        "left_out": dict(told.run.left_out),
        "shards": {"of": told.run.shards, "done": sorted(told.run.done)},
        "accounts": [row(account) for account in told.accounts],
    }


def row(account: Account) -> Mapping[str, Any]:
    """Return one repository as JSON."""
    plain = {"key": account.key, "name": account.name, "license": account.license}
    return {**plain, "status": account.status, "why": account.why, **account.sums.to_json()}
