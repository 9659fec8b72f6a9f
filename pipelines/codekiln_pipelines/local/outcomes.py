"""What a person looks for, at the top of a run: only what a step of this very process vouches for.

A run that is resumed begins with none, for an older page would pass for the outcome of what fails
now; each comes back once its step is done, or found done.
"""

import shutil

from codekiln.core import manifest
from codekiln_pipelines.local.runs import Run
from codekiln_pipelines.local.step import Step

KEPT = {
    "report.html": "report/report",
    "MANIFEST_DYNAMIC.json": "report/report",
    "ledger.html": "reconcile-pulls/ledger",
    "ledger.json": "reconcile-pulls/ledger",
    "card.html": "describe-corpus/card",
    "card.json": "describe-corpus/card",
}
"""Their names, and the output of a task that each comes from."""


def clear(run: Run) -> None:
    """Remove what an earlier process left."""
    for name in KEPT:
        (run.folder / name).unlink(missing_ok=True)


def keep(step: Step) -> None:
    """Copy what the finished `step` left to the top of its run."""
    for name, output in KEPT.items():
        folder = step.folder.parent / output
        made = folder / name
        if folder.parent == step.folder and made.is_file() and (folder / manifest.NAME).is_file():
            shutil.copyfile(made, step.run / name)
