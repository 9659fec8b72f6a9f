"""The mine_commits phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def mine_commits(
    repository: str,
    commits: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    config: str = "",
):
    """Read every commit of a git repository, with its diff, into one record each."""
    return container.of("mine_commits", repository=repository, commits=commits.path, config=config)
