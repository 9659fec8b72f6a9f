"""The discover_repos phase as a pipeline step."""

from kfp import dsl

from codekiln.core import container


@dsl.container_component
def discover_repos(
    data: str,
    found: dsl.Output[dsl.Dataset],
    metrics: dsl.Output[dsl.Metrics],
    repositories: str = "",
    language: str = "Go",
    min_stars: int = 100,
    max_repositories: int = 3000,
    as_of: str = "",
    config: str = "",
):
    """List the repositories to collect from: those a search finds, or those of the user's list."""
    return container.of(
        "discover_repos",
        data=data,
        found=found.path,
        repositories=repositories,
        language=language,
        min_stars=min_stars,
        max_repositories=max_repositories,
        as_of=as_of,
        config=config,
    )
