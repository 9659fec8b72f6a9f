"""The train_model phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def train_model(
    tokens: dsl.Input[dsl.Dataset],
    plan: dsl.Input[dsl.Artifact],
    model: dsl.Output[dsl.Model],
    curves: dsl.Output[dsl.HTML],
    metrics: dsl.Output[dsl.Metrics],
    size: str = "medium",
    pretrained: str = "",
    config: str = "",
):
    """Train a GPT-2 on a token folder, as its plan says; goes on from its checkpoints by itself."""
    return container.of(
        "train_model",
        tokens=tokens.path,
        plan=plan.path,
        model=model.path,
        curves=curves.path,
        size=size,
        pretrained=pretrained,
        config=config,
    )
