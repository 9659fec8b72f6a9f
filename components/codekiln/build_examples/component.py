"""The build_examples phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def build_examples(
    collected: dsl.Input[dsl.Dataset],
    examples: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    corpus: str = "",
    version: str = "",
    shard: int = 0,
    shards: int = 1,
    config: str = "",
):
    """Make examples of problem, context, plan and solution from collected pull requests."""
    return container.of(
        "build_examples",
        collected=collected.path,
        examples=examples.path,
        corpus=corpus,
        version=version,
        shard=shard,
        shards=shards,
        config=config,
    )
