"""`codekiln upload`: pipelines on Kubeflow's page, a version for each package that differs.

The description of a version holds the digest of its package; an identical one is not uploaded
again, under whatever name.
"""

import argparse
import importlib.metadata
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codekiln.core.errors import InputError
from codekiln.core.git.command import Git
from codekiln_pipelines import packages
from codekiln_pipelines.kubeflow import access, asked, connection
from codekiln_pipelines.kubeflow.asked import Package
from codekiln_pipelines.kubeflow.connection import Kubeflow, equals
from codekiln_pipelines.kubeflow.submit import no_more

if TYPE_CHECKING:
    from codekiln.core import flags

MOST_TAGS = 20
LONGEST_TAG = 63
LONGEST_VERSION = 127
"""The server's own limits, of tags and of the name of a version."""
DIGEST = "sha256:"


def add(commands: "argparse._SubParsersAction[flags.Parser]") -> None:
    """Add the command upload."""
    told = commands.add_parser(
        "upload", help="put pipelines, or new versions, on Kubeflow's page", allow_abbrev=False
    )
    told.add_argument("pipelines", nargs="*", default=packages.names(), metavar="PIPELINE")
    told.add_argument(
        "--version-name", metavar="NAME", help="default: codekiln's version and the git commit"
    )
    told.add_argument(
        "--version-tag", action="append", default=[], metavar="KEY=VALUE", help="tag of the version"
    )
    asked.add_package_flags(told)
    access.add_flags(told)
    told.set_defaults(do=upload)


def upload(told: argparse.Namespace, rest: list[str]) -> int:
    """Upload each pipeline that was named; prints the id of each version."""
    no_more(rest)
    if told.package and len(told.pipelines) != 1:
        raise InputError("--package holds one pipeline; name that one")
    tags = tags_of(told.version_tag)
    # All of them are compiled before any is sent.
    compiled = [asked.package_of(name, told, ()) for name in told.pipelines]
    with connection.connected(access.of(told)) as client:
        for package in compiled:
            sys.stdout.write(f"{publish(client, package, told.version_name, tags)}\n")
    return 0


def publish(
    client: Kubeflow, package: Package, version: str | None, tags: Mapping[str, str]
) -> str:
    """Upload `package` unless an identical version is there; returns the id of the version."""
    about = about_package(package)
    pipeline_id = find_pipeline(client, package.name) or create_pipeline(client, package, tags)
    there = list(versions(client, pipeline_id))
    same = next((found for found in there if about in (found.description or "")), None)
    if same is not None:
        sys.stderr.write(f"{package.name}: version {same.display_name} is the same already\n")
        version_id = str(same.pipeline_version_id)
    else:
        taken = {str(found.display_name) for found in there}
        name = version_name(package, version, taken, commit())
        version_id = upload_version(client, pipeline_id, package, name, tags)
        sys.stderr.write(f"{package.name}: version {name}\n")
    page = client.page(f"pipelines/details/{pipeline_id}/version/{version_id}")
    sys.stderr.write(f"  {page}\n")
    return version_id


def about_package(package: Package) -> str:
    """Return what the description says of the contents of `package`."""
    return f"package {DIGEST}{package.digest}"


def create_pipeline(client: Kubeflow, package: Package, tags: Mapping[str, str]) -> str:
    """Make a pipeline without a version, and return its id."""
    body = client.api.V2beta1Pipeline(
        name=package.name,
        display_name=package.name,
        description=package.spec["pipelineInfo"].get("description", ""),
        namespace=client.namespace,
        tags=dict(tags) or None,
    )
    create = client.pipelines.pipeline_service_create_pipeline
    return client.once(
        lambda: str(client.ask(create, pipeline=body).pipeline_id),
        lambda: find_pipeline(client, package.name),
    )


def find_pipeline(client: Kubeflow, name: str) -> str | None:
    """Return the id of the pipeline `name`, or None."""
    call = client.pipelines.pipeline_service_list_pipelines
    found = client.listed(call, "pipelines", filter=equals(name=name), **client.in_namespace)
    return next((str(pipeline.pipeline_id) for pipeline in found), None)


def versions(client: Kubeflow, pipeline_id: str) -> Sequence[Any]:
    """Return the versions of a pipeline."""
    call = client.pipelines.pipeline_service_list_pipeline_versions
    return list(client.listed(lambda **named: call(pipeline_id, **named), "pipeline_versions"))


def upload_version(
    client: Kubeflow, pipeline_id: str, package: Package, name: str, tags: Mapping[str, str]
) -> str:
    """Add `package` to a pipeline as the version `name`, and return its id."""
    about = f"codekiln {importlib.metadata.version('codekiln')}, {about_package(package)}"
    named = {"name": name, "pipelineid": pipeline_id, "description": about}
    if tags:
        named["tags"] = json.dumps(dict(tags))
    with tempfile.TemporaryDirectory(prefix="codekiln-") as scratch:
        path = Path(scratch) / f"{package.name}.yaml"
        path.write_text(package.text, encoding="utf-8")
        send = client.uploads.upload_pipeline_version
        return client.once(
            lambda: str(client.ask(send, str(path), **named).pipeline_version_id),
            lambda: next(
                (
                    str(found.pipeline_version_id)
                    for found in versions(client, pipeline_id)
                    if about_package(package) in (found.description or "")
                ),
                None,
            ),
        )


def version_name(package: Package, told: str | None, taken: set[str], revision: str) -> str:
    """Return the name of a new version: what was told, or codekiln's version and commit.

    Raises InputError if the name that was told is taken, or too long. A name of our own that is
    taken, by a package compiled otherwise from the same commit, gets a part of the digest.
    """
    if told is None:
        name = "-".join(filter(None, [importlib.metadata.version("codekiln"), revision]))
        return name if name not in taken else f"{name}-{package.digest[:8]}"
    if told in taken:
        raise InputError(
            f"{package.name} has a version {told} with other contents: give another --version-name"
        )
    if not told.strip() or len(told) > LONGEST_VERSION:
        raise InputError(f"a version's name has 1 to {LONGEST_VERSION} characters, not {len(told)}")
    return told


def commit() -> str:
    """Return the commit of the checkout we run from, `-dirty` if changed; "" outside of one."""
    checkout = Path(__file__).parents[2]
    if not (checkout / "pipelines" / "recipes").is_dir():
        # An installed package may lie in a repository that is not ours.
        return ""
    described = Git().attempt(
        "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"
    )
    return described.stdout.decode().strip() if described.returncode == 0 else ""


def tags_of(told: Sequence[str]) -> dict[str, str]:
    """Read KEY=VALUE tags; raises InputError for what the server would refuse."""
    tags = dict(tag_of(text) for text in told)
    if len(tags) > MOST_TAGS:
        raise InputError(f"{len(tags)} tags were given; Kubeflow takes {MOST_TAGS}")
    return tags


def tag_of(text: str) -> tuple[str, str]:
    """Read one tag; raises InputError."""
    key, _, value = text.partition("=")
    too_long = max(len(key), len(value)) > LONGEST_TAG
    if not key or "=" not in text or "." in key or too_long:
        raise InputError(
            f"the tag {text!r} is none: KEY=VALUE, each of up to {LONGEST_TAG} characters, "
            "no dot in the key"
        )
    return key, value
