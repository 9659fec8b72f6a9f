"""The embed_commits phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def embed_commits(
    commits: dsl.Input[dsl.Dataset],
    embeddings: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    model: str = "",
    config: str = "",
):
    """Turn each commit's message and paths into one vector, for search by meaning."""
    return container.of(
        "embed_commits",
        commits=commits.path,
        embeddings=embeddings.path,
        model=model,
        config=config,
    )
