"""The reconcile_pulls phase as a pipeline step: the gate, and the exit task that tells why."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def reconcile_pulls(
    data: str,
    ledger: dsl.Output[dsl.Artifact],
    page: dsl.Output[dsl.HTML],
    metrics: dsl.Output[dsl.Metrics],
    gate: bool = False,
    config: str = "",
):
    """Account for every pull request, hold the sums against GitHub's, and say what is missing."""
    return container.of(
        "reconcile_pulls",
        data=data,
        ledger=ledger.path,
        page=page.path,
        gate=gate,
        config=config,
    )
