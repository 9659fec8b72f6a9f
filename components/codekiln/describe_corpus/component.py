"""The describe_corpus phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def describe_corpus(
    collected: dsl.Input[dsl.Dataset],
    examples: dsl.Input[dsl.Dataset],
    cleaned: dsl.Input[dsl.Dataset],
    rejects: dsl.Input[dsl.Dataset],
    tokenizer: dsl.Input[dsl.Model],
    tokens: dsl.Input[dsl.Dataset],
    card: dsl.Output[dsl.Artifact],
    page: dsl.Output[dsl.HTML],
    metrics: dsl.Output[dsl.Metrics],
    title: str = "",
    config: str = "",
):
    """Describe the corpus on one page: sums, licenses, lengths, duplicates, samples, origins."""
    return container.of(
        "describe_corpus",
        collected=collected.path,
        examples=examples.path,
        cleaned=cleaned.path,
        rejects=rejects.path,
        tokenizer=tokenizer.path,
        tokens=tokens.path,
        card=card.path,
        page=page.path,
        title=title,
        config=config,
    )
