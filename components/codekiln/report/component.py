"""The report phase as a pipeline step: the exit task, which runs after failures too."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def report(
    report: dsl.Output[dsl.Artifact],
    page: dsl.Output[dsl.HTML],
    metrics: dsl.Output[dsl.Metrics],
    phases: str,
    repository: str,
    status: dsl.PipelineTaskFinalStatus,
    config: str = "",
):
    """Tell what a run did, or where and why it failed, on one page."""
    return container.of(
        "report",
        report=report.path,
        page=page.path,
        phases=phases,
        repository=repository,
        status=status,
        config=config,
    )
