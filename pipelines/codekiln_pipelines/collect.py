"""Pull requests of GitHub repositories become a versioned data set, each one accounted for."""

from typing import Any

from kfp import dsl

from codekiln.collect_pulls.component import collect_pulls
from codekiln.discover_repos.component import discover_repos
from codekiln.reconcile_pulls.component import reconcile_pulls
from codekiln_pipelines.placing import Placing

SHARDS = (0, 1, 2, 3)
"""Collectors side by side: each has a part of the repositories, all share the token's budget."""


def pipeline(placing: Placing) -> Any:
    """Return the pipeline `collect`, a component of Kubeflow's, its steps placed by `placing`."""
    on_cpu = placing.on_cpu

    @dsl.pipeline(name="collect")
    def collect(  # noqa: PLR0917 -- a form of nine fields
        data: str,
        repositories: str = "",
        language: str = "Go",
        min_stars: int = 100,
        max_repositories: int = 3000,
        max_pulls: int = 500,
        as_of: str = "",
        config: str = "",
    ) -> None:
        """Find repositories, collect what is new in each, hold it against GitHub's own counts.

        Args:
            data: Where the data set lies: s3://BUCKET/PREFIX, or a folder of this machine.
            repositories: owner/name ..., or a file with one a line; empty to search for them.
            language: Language to search for.
            min_stars: Fewest stars of a repository that the search finds.
            max_repositories: Repositories at most that the search finds, those with most stars.
            max_pulls: Newest pull requests of each repository; 0 for all of them.
            as_of: Moment that ages are counted from; empty for now, [[ScheduledTime]] if recurring.
            config: YAML sections that the phases read: discover_repos, collect_pulls, ...

        """
        # After failures too: a ledger that says what is missing. It never fails by what it finds.
        told = on_cpu(reconcile_pulls(data=data, config=config))
        with dsl.ExitHandler(exit_task=told):
            found = on_cpu(
                discover_repos(
                    data=data,
                    repositories=repositories,
                    language=language,
                    min_stars=min_stars,
                    max_repositories=max_repositories,
                    as_of=as_of,
                    config=config,
                )
            )
            with dsl.ParallelFor(list(SHARDS)) as shard:
                collected = on_cpu(
                    collect_pulls(
                        data=data,
                        repositories=found.outputs["found"],
                        max_pulls=max_pulls,
                        shard=shard,
                        shards=len(SHARDS),
                        config=config,
                    )
                )
            # Kubeflow may take a run for a success whose exit task failed: the gate stands inside.
            on_cpu(reconcile_pulls(data=data, gate=True, config=config)).after(collected)

    return collect
