"""The gather_examples phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def gather_examples(
    corpus: str,
    collected: dsl.Input[dsl.Dataset],
    examples: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    config: str = "",
):
    """Prove that every repository's examples are made, sum them up, and hand the version on."""
    return container.of(
        "gather_examples",
        corpus=corpus,
        collected=collected.path,
        examples=examples.path,
        config=config,
    )
