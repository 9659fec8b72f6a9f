"""The snapshot_pulls phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def snapshot_pulls(
    data: str,
    collected: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    version: str = "",
    config: str = "",
):
    """Pin one version of the collected pull requests: every later step works with it."""
    return container.of(
        "snapshot_pulls",
        data=data,
        collected=collected.path,
        version=version,
        config=config,
    )
