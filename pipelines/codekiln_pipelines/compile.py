"""`codekiln compile`: pipelines as packages for one kind of cluster, with none at hand."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codekiln.core.errors import InputError
from codekiln_pipelines import packages
from codekiln_pipelines.cluster import MASKING_KEY, POOLS, PULL_POLICIES, Cluster

if TYPE_CHECKING:
    from codekiln.core import flags


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the command compile."""
    told = commands.add_parser(
        "compile", help="write pipelines as packages for Kubeflow", allow_abbrev=False
    )
    told.add_argument("pipelines", nargs="*", default=packages.names(), metavar="PIPELINE")
    told.add_argument("--into", type=Path, default=Path("build"), help="folder (default: build)")
    add_flags(told)
    told.set_defaults(do=compile_packages)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each fact of a cluster that a package must know when it is compiled."""
    default = Cluster()
    told = parser.add_argument_group("the cluster that the package is for")
    told.add_argument(
        "--pool",
        choices=list(POOLS),
        default=default.pool,
        help="nodes that train; a package for GPUs lets each run choose others (default: cpu)",
    )
    told.add_argument("--registry", metavar="HOST/PATH", default="", help="where the images are")
    told.add_argument("--tag", default="", help="tag of the images")
    told.add_argument("--queue", metavar="NAME", default="", help="Kueue's LocalQueue for each pod")
    told.add_argument(
        "--priority", metavar="NAME", default="", help="Kueue's WorkloadPriorityClass, with --queue"
    )
    told.add_argument(
        "--s3-secret",
        metavar="NAME",
        default=default.s3_secret,
        help="Secret with AWS_ACCESS_KEY_ID ... (default: codekiln-s3; it may be absent)",
    )
    told.add_argument(
        "--s3-config",
        metavar="NAME",
        default=default.s3_config,
        help="ConfigMap with AWS_ENDPOINT_URL, AWS_REGION (default: codekiln-s3; may be absent)",
    )
    told.add_argument(
        "--github-secret",
        metavar="NAME",
        default=default.github_secret,
        help="Secret with GITHUB_TOKEN ... (default: codekiln-github; it may be absent)",
    )
    told.add_argument(
        "--masking-secret",
        metavar="NAME",
        default=default.masking_secret,
        help=f"Secret with {MASKING_KEY} (default: codekiln-masking; it may be absent)",
    )
    told.add_argument("--image-pull-secret", metavar="NAME", default="", help="for the registry")
    told.add_argument(
        "--image-pull-policy", choices=PULL_POLICIES, default=default.image_pull_policy
    )
    told.add_argument(
        "--cache",
        action=argparse.BooleanOptionalAction,
        default=default.cache,
        help="let Kubeflow answer a step with an earlier run's output, which may be gone or stale",
    )
    told.add_argument(
        "--storage",
        action=argparse.BooleanOptionalAction,
        default=default.storage,
        help="ask for ephemeral storage (no: for a ClusterQueue that does not cover it)",
    )


def cluster_of(told: argparse.Namespace) -> Cluster:
    """Return the cluster that the flags of `add_flags` describe; raises InputError."""
    return Cluster(
        pool=told.pool,
        registry=told.registry.rstrip("/"),
        tag=told.tag,
        queue=told.queue,
        priority=told.priority,
        s3_secret=told.s3_secret,
        s3_config=told.s3_config,
        github_secret=told.github_secret,
        masking_secret=told.masking_secret,
        image_pull_secret=told.image_pull_secret,
        image_pull_policy=told.image_pull_policy,
        cache=told.cache,
        storage=told.storage,
    )


def compile_packages(told: argparse.Namespace, rest: list[str]) -> int:
    """Write each pipeline that was named as YAML; its path is the output."""
    if rest:
        raise InputError(f"unknown argument {rest[0]}; see codekiln compile --help")
    place = cluster_of(told)
    for name in told.pipelines:
        path = told.into / f"{name}.yaml"
        packages.compile_into(name, path, place)
        sys.stdout.write(f"{path}\n")
    return 0
