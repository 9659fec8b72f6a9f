"""Container entry: `python -m codekiln.report --run-root FOLDER --report DIR`."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from codekiln.core import manifest, program
from codekiln.core.errors import CodekilnError, InputError
from codekiln.core.program import Done
from codekiln.core.storage.objects import Objects, open_store
from codekiln.report import document, page, phases
from codekiln.report.run import Run, gather
from codekiln.report.settings import Settings
from codekiln.report.status import read as read_status
from codekiln.report.trail import Trail

logger = logging.getLogger(__name__)


def report(settings: Settings) -> Done:
    """Gather what the run left; write the document and the page."""
    now = datetime.now(UTC)
    trail = opened(settings.run_root)
    named = [name.strip() for name in settings.phases.split(",") if name.strip()]
    ending = read_status(settings.status)
    run = gather(trail, named, settings.repository, settings.run_root, ending)
    write(settings, run, trail, now)
    for note in run.notes:
        logger.warning("%s", note)
    logger.info("the run: %s, see %s", run.state, settings.report / page.NAME)
    done = sum(phase.status == phases.SUCCESS for phase in run.phases)
    return Done(
        counts={"phases": len(run.phases), "done": done, "notes": len(run.notes)},
        metrics={"succeeded": float(run.state == "success")},
    )


def opened(run_root: str) -> Trail:
    """Read the run under `run_root`; one that cannot be reached becomes a note."""
    try:
        return Trail(store_of(run_root))
    except CodekilnError as error:
        trail = Trail(None)
        trail.notes.append(str(error))
        return trail


def store_of(run_root: str) -> Objects:
    """Return the store that `run_root` means; raises InputError if it is none."""
    if not run_root:
        raise InputError("run_root is missing: give --run-root, the folder or URI of the run")
    return open_store(run_root)


def write(settings: Settings, run: Run, trail: Trail, now: datetime) -> None:
    """Render the page first, for what it cannot show is a note in the document."""
    times = phases.spanned(trail, now)
    digest = document.configuration_digest(run.phases)
    html = trail.guarded("a detail", lambda: page.render(run, times, digest, now), "")
    html = html or page.render(run.without_details(), times, digest, now)
    manifest.write_json(settings.report / document.NAME, document.compose(run, times))
    for path in filter(None, (settings.report / page.NAME, settings.page)):
        place(path, html)


def place(path: Path, html: str) -> None:
    """Write the page into `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")


if __name__ == "__main__":
    program.run(report, Settings)
