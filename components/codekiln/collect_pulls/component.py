"""The collect_pulls phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def collect_pulls(
    data: str,
    repositories: dsl.Input[dsl.Dataset],
    collected: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    max_pulls: int = 500,
    shard: int = 0,
    shards: int = 1,
    config: str = "",
):
    """Bring pull requests of GitHub repositories into a data set, and account for each of them."""
    return container.of(
        "collect_pulls",
        data=data,
        repositories=repositories.path,
        collected=collected.path,
        max_pulls=max_pulls,
        shard=shard,
        shards=shards,
        config=config,
    )
