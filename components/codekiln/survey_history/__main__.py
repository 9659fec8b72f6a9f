"""Container entry: `python -m codekiln.survey_history --repository PATH_OR_URL --survey DIR`."""

import dataclasses
import logging

from codekiln.core import manifest, program
from codekiln.core.git import graph
from codekiln.core.git.repository import opened
from codekiln.core.program import Done
from codekiln.survey_history.settings import Settings
from codekiln.survey_history.survey import NAME, Survey, survey

logger = logging.getLogger(__name__)


def survey_history(settings: Settings) -> Done:
    """Open the repository, read its graph, write survey.json."""
    with opened(settings.repository) as repository:
        history = graph.read(repository)
        found = survey(repository, history, settings.batch_size, settings.seconds_per_step)
        sources = {"repository": repository.digest}
    manifest.write_json(settings.survey / NAME, dataclasses.asdict(found))
    tell(found)
    return Done(
        counts={
            "commits": found.unique_commits,
            "authors": found.unique_authors,
            "branches": found.branch_count,
        },
        metrics={
            "unique_commits": found.unique_commits,
            "unique_authors": found.unique_authors,
            "span_days": found.span_days,
            "commits_per_day": found.commits_per_day,
            "estimated_minutes": found.estimate.minutes,
        },
        sources=sources,
    )


def tell(found: Survey) -> None:
    """Say in one line what was found."""
    guess = found.estimate
    logger.info(
        "%s: %d commits by %d authors on %d branches in %.0f days; about %d sequences, "
        "%d epochs, %d steps, %.0f minutes",
        found.repository, found.unique_commits, found.unique_authors, found.branch_count,
        found.span_days, guess.sequences, guess.epochs, guess.steps, guess.minutes,
    )  # fmt: skip


if __name__ == "__main__":
    program.run(survey_history, Settings)
