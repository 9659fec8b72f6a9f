"""The plan_training phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def plan_training(
    tokens: dsl.Input[dsl.Dataset],
    plan: dsl.Output[dsl.Artifact],
    metrics: dsl.Output[dsl.Metrics],
    config: str = "",
):
    """Count the sequences, then plan epochs, steps, warmup, hours and cost."""
    return container.of("plan_training", tokens=tokens.path, plan=plan.path, config=config)
