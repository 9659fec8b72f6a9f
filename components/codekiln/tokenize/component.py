"""The tokenize phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def tokenize(
    commits: dsl.Input[dsl.Dataset],
    tokens: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    tokenizer: str = "",
    config: str = "",
):
    """Write each commit as text with markers, in time order, and encode it."""
    return container.of(
        "tokenize",
        commits=commits.path,
        tokens=tokens.path,
        tokenizer=tokenizer,
        config=config,
    )
