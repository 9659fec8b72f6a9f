"""The clean_corpus phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def clean_corpus(
    examples: dsl.Input[dsl.Dataset],
    cleaned: dsl.Output[dsl.Dataset],
    rejects: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    corpus: str = "",
    index: str = "",
    benchmarks: str = "",
    opt_out: str = "",
    licenses: str = "",
    config: str = "",
):
    """Drop what should not be learned from examples; mask secrets in the rest; count every drop."""
    return container.of(
        "clean_corpus",
        examples=examples.path,
        cleaned=cleaned.path,
        rejects=rejects.path,
        corpus=corpus,
        index=index,
        benchmarks=benchmarks,
        opt_out=opt_out,
        licenses=licenses,
        config=config,
    )
