"""The survey_history phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def survey_history(
    repository: str,
    survey: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    config: str = "",
):
    """Count commits, authors and branches, and estimate what training on them takes."""
    return container.of("survey_history", repository=repository, survey=survey.path, config=config)
