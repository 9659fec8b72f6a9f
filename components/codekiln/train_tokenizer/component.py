"""The train_tokenizer phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def train_tokenizer(
    cleaned: dsl.Input[dsl.Dataset],
    tokenizer: dsl.Output[dsl.Model],
    metrics: dsl.Output[dsl.Metrics],
    reuse: str = "",
    vocab_size: int = 16_384,
    seed: int = 42,
    config: str = "",
):
    """Train a tokenizer on cleaned examples, and check that it gives every text back."""
    return container.of(
        "train_tokenizer",
        cleaned=cleaned.path,
        tokenizer=tokenizer.path,
        reuse=reuse,
        vocab_size=vocab_size,
        seed=seed,
        config=config,
    )
