"""The pack_examples phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def pack_examples(
    cleaned: dsl.Input[dsl.Dataset],
    tokenizer: dsl.Input[dsl.Model],
    tokens: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    corpus: str = "",
    length: int = 1024,
    epochs: int = 10,
    target_tokens: int = 4_000_000_000,
    config: str = "",
):
    """Encode cleaned examples, each section within its budget, and pack them into full rows."""
    return container.of(
        "pack_examples",
        cleaned=cleaned.path,
        tokenizer=tokenizer.path,
        tokens=tokens.path,
        corpus=corpus,
        length=length,
        epochs=epochs,
        target_tokens=target_tokens,
        config=config,
    )
