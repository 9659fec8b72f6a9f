"""Container entry: `python -m codekiln.reconcile_pulls --data FOLDER --ledger DIR`."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from codekiln.core import manifest, program
from codekiln.core.datasets import naming, retention
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.errors import CodekilnError
from codekiln.core.program import Done
from codekiln.core.storage.objects import open_store
from codekiln.reconcile_pulls import accounts, beside, document, page, proof, run
from codekiln.reconcile_pulls.document import Ledger
from codekiln.reconcile_pulls.settings import Settings
from codekiln.reconcile_pulls.verdict import FAILED, Limits, judge

logger = logging.getLogger(__name__)

PREFIX = "collect"
"""What the version of a run is called, and then the moment."""


class UnaccountedError(CodekilnError):
    """The ledger of a run is not right."""


def reconcile_pulls(settings: Settings) -> Done:
    """Sum up, prove, judge, write; as a gate, raise UnaccountedError or name the version."""
    dataset = Dataset(open_store(settings.data))
    ledger = sum_up(settings, dataset, datetime.now(UTC))
    write(settings, ledger, dataset)
    for problem in ledger.verdict.problems:
        logger.warning("%s", problem.what)
    kept = ledger.version is not None
    place = dataset.store.location(beside.PAGE) if kept else settings.ledger / page.NAME
    if settings.gate and ledger.verdict.state == FAILED:
        raise UnaccountedError(f"{ledger.verdict.reason}; see {place}")
    logger.info("%s: %s, see %s", settings.data, ledger.verdict.state, place)
    return Done(counts=counts(ledger), metrics=metrics(ledger))


def sum_up(settings: Settings, dataset: Dataset, now: datetime) -> Ledger:
    """Read the run and the data set, and judge them."""
    told, version = run.read(settings.run), dataset.head()
    found = accounts.accounts(dataset, version, told.listed)
    faults = proof.faults(dataset, version, found, beside.proven(dataset.store))
    limits = Limits(
        unaccounted=settings.max_unaccounted, failed=settings.max_failed, gone=settings.max_gone
    )
    verdict = judge(found, told, faults, limits, is_empty=version is None)
    if version:
        beside.remember(dataset.store, (one for one in found if one.name not in faults))
        if settings.gate and verdict.state != FAILED:
            version = retention.keep_newest(dataset, version, settings.keep_versions)
            naming.give(dataset, version, PREFIX, told.as_of or now, settings.name)
    name, earlier = naming.names_of(dataset, version)
    return Ledger(
        data=settings.data, version=version, name=name, earlier=earlier, accounts=found,
        run=told, verdict=verdict, written=now,
    )  # fmt: skip


def write(settings: Settings, ledger: Ledger, dataset: Dataset) -> None:
    """Write the document and the page, into the output and beside the data, if there is any."""
    path = settings.ledger / document.NAME
    manifest.write_json(path, document.compose(ledger))
    html = page.render(ledger)
    if ledger.version:
        beside.keep(dataset.store, ledger.name, html, path.read_text(encoding="utf-8"))
    for path in filter(None, (settings.ledger / page.NAME, settings.page)):
        place(path, html)


def place(path: Path, html: str) -> None:
    """Write the page into `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")


def counts(ledger: Ledger) -> dict[str, int]:
    """Return the sums of all repositories."""
    total = accounts.total(ledger.accounts)
    return {
        "repositories": len(ledger.accounts),
        "on_github": total.total,
        "collected": total.collected,
        "filtered": sum(total.filtered.values()),
        "failed": sum(total.failed.values()),
        "beyond_the_cap": total.beyond,
        "unaccounted_for": page.unaccounted(ledger.accounts),
    }


def metrics(ledger: Ledger) -> dict[str, float]:
    """Return the same for the run page, with the version and the verdict."""
    told = counts(ledger)
    share = told["unaccounted_for"] / max(told["on_github"], 1)
    version = ledger.version.number if ledger.version else 0
    right = float(ledger.verdict.state != FAILED)
    return {**told, "unaccounted_share": share, "version": version, "accounted_for": right}


if __name__ == "__main__":
    program.run(reconcile_pulls, Settings)
