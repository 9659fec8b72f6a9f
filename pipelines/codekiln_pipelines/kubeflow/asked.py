"""What a run on Kubeflow is asked for: a package and its arguments, checked before any is sent.

The flags are those of `codekiln run`, and so are the checks; what differs is that a cluster does
not see the files of this machine, and that Kubeflow wants typed values where a process takes text.
"""

import argparse
import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from codekiln.core import digest, flags, settings
from codekiln.core.errors import InputError
from codekiln.core.git.repository import URL, refuse_password
from codekiln.core.storage.objects import is_remote
from codekiln.discover_repos import addresses
from codekiln_pipelines import cluster, packages, recipes
from codekiln_pipelines import compile as compiling
from codekiln_pipelines.cluster import Cluster
from codekiln_pipelines.local.told import PLACES, refuse_nested

RECIPE = "full"
"""The recipe of a run on a cluster, unless another is named."""

AddFlags = Callable[[flags.Parser], None]


@dataclasses.dataclass(frozen=True)
class Package:
    """A compiled pipeline, as text and as Kubeflow reads it."""

    text: str
    spec: dict[str, Any]
    """The pipeline specification, a document of its schema."""
    platform: dict[str, Any]
    """What only Kubernetes understands of it; empty if nothing."""

    @property
    def name(self) -> str:
        """Return the name of the pipeline."""
        return str(self.spec["pipelineInfo"]["name"])

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what the package says, whatever its layout."""
        return digest.of_json([self.spec, self.platform])

    @property
    def source(self) -> dict[str, Any]:
        """Return the package as the field `pipeline_spec` of a run takes it."""
        if not self.platform:
            return self.spec
        return {"pipeline_spec": self.spec, "platform_spec": self.platform}


@dataclasses.dataclass(frozen=True)
class Asked:
    """A package, the arguments of its run, and what the other flags say."""

    package: Package
    arguments: Mapping[str, object]
    told: argparse.Namespace


def read(command: str, pipeline: str | None, argv: Sequence[str], more: AddFlags) -> Asked:
    """Read the flags `argv` of a command that runs `pipeline` on Kubeflow; `more` are its own.

    Raises InputError, all faults of the arguments in one line; nothing has been sent by then.
    """
    if pipeline is None:
        if {"-h", "--help"} & set(argv):
            parser_for(f"codekiln {command} PIPELINE", None, more).parse_args(["--help"])
        raise InputError(f"name a pipeline: {', '.join(packages.names())}")
    early = flags.Parser(add_help=False, allow_abbrev=False)
    add_package_flags(early)
    package = package_of(pipeline, early.parse_known_args(argv)[0], argv)
    told = flags.parse(parser_for(f"codekiln {command} {pipeline}", package.spec, more), argv)
    if told["package"] and is_given("--pool", argv):
        told = {**of_pool(told["pool"], package), **told}
    return Asked(package, arguments(package.spec, pipeline, told), argparse.Namespace(**told))


def is_given(flag: str, argv: Sequence[str]) -> bool:
    """Tell whether `flag` is in `argv`: a flag that has a default tells nothing by its value."""
    return any(word.split("=")[0] == flag for word in argv)


def add_package_flags(parser: flags.Parser) -> None:
    """Add what says which package is meant: a file, or how to compile one."""
    parser.add_argument(
        "--package", type=Path, metavar="FILE", help="compiled package (default: compile it now)"
    )
    compiling.add_flags(parser)


def package_of(pipeline: str, told: argparse.Namespace, argv: Sequence[str]) -> Package:
    """Return the package that `told`, read from `argv`, asks for; raises InputError."""
    if told.package is None:
        return compiled(pipeline, compiling.cluster_of(told))
    default, wanted = Cluster(), compiling.cluster_of(told)
    for field in dataclasses.fields(Cluster):
        late = getattr(wanted, field.name) == getattr(default, field.name) or field.name == "pool"
        if not late:
            raise InputError(
                f"{flags.flag(field.name)} is for compiling, and {told.package} is compiled: "
                "leave one of them out"
            )
    package = loaded(told.package)
    if package.name != pipeline:
        raise InputError(f"{told.package} is a package of {package.name}, not of {pipeline}")
    return without_cache(package) if is_given("--no-cache", argv) else package


def compiled(pipeline: str, place: Cluster | None = None) -> Package:
    """Compile the pipeline of that name for `place`; raises InputError if there is none."""
    return parsed(packages.compiled(pipeline, place or Cluster()), pipeline)


def of_pool(pool: str, package: Package) -> dict[str, str]:
    """Return the arguments that send a run of `package` to the nodes of `pool`; InputError."""
    told = cluster.pool_arguments(pool)
    if not set(told) <= set(packages.parameters_of(package.spec)):
        raise InputError(f"the package runs without GPUs: compile another with --pool {pool}")
    return told


def loaded(path: Path) -> Package:
    """Read the package `path`; raises InputError if it is none."""
    try:
        return parsed(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{path} is no package: {why}; make one: codekiln compile") from error


def parsed(text: str, place: str) -> Package:
    """Read a package, which came from `place`; raises InputError or YAMLError if it is none."""
    documents = [document for document in yaml.load_all(text, yaml.CSafeLoader) if document]
    specs = [found for found in documents if "pipelineInfo" in found and "root" in found]
    platforms = [found for found in documents if "platforms" in found]
    if len(specs) != 1 or len(platforms) > 1:
        raise InputError(f"{place} holds no compiled pipeline; make one: codekiln compile")
    return Package(text, specs[0], platforms[0] if platforms else {})


def without_cache(package: Package) -> Package:
    """Return `package` with Kubeflow's cache off for every task, those of inner groups too."""
    spec: dict[str, Any] = json.loads(json.dumps(package.spec))
    for component in [spec["root"], *spec.get("components", {}).values()]:
        for task in component.get("dag", {}).get("tasks", {}).values():
            task["cachingOptions"] = {}
    documents = [spec, package.platform] if package.platform else [spec]
    return Package(yaml.dump_all(documents, Dumper=yaml.CSafeDumper), spec, package.platform)


def parser_for(prog: str, spec: dict[str, Any] | None, more: AddFlags) -> flags.Parser:
    """Build the parser of a command: a flag for each parameter, then `more`."""
    parser = flags.Parser(prog=prog, allow_abbrev=False)
    if spec is not None:
        parser.description = spec["pipelineInfo"].get("description")
        recipes.add_flags(parser.add_argument_group("parameters of the pipeline"), spec)
    add_package_flags(parser)
    parser.add_argument("--recipe", metavar="NAME", help=f"default: {RECIPE}")
    parser.add_argument("--config", default="", metavar="FILE", help="YAML laid over the recipe")
    more(parser)
    return parser


def arguments(spec: dict[str, Any], pipeline: str, told: Mapping[str, Any]) -> dict[str, object]:
    """Lay the user's file on the recipe, flags on both; check the whole, and give it types."""
    known = packages.parameters_of(spec)
    under = recipes.load(pipeline, told["recipe"] or RECIPE)
    document = recipes.merge(under, settings.document(told["config"]))
    given = {name: told[name] for name in known if name in told and name != recipes.CONFIG}
    asked = recipes.arguments(spec, recipes.merge(document, given))
    refuse_password(asked.get("repository", ""))
    addresses.refuse_secrets(asked.get("repositories", ""), asked.get(recipes.CONFIG, ""))
    for name in PLACES:
        if name in asked:
            refuse_lost(name, asked[name])
    refuse_nested(asked)
    for name, value in asked.items():
        is_text = known[name]["parameterType"] == "STRING" and name != recipes.CONFIG
        if is_text and not known[name].get("literals"):
            refuse_local(name, value)
    return {name: packages.typed(name, value, known[name]) for name, value in asked.items()}


def refuse_lost(name: str, place: str) -> None:
    """Raise InputError if data that is to outlive the run would go with a pod."""
    if not place.strip():
        raise InputError(f"{name} is empty: give s3://BUCKET/PREFIX")
    if not is_remote(place):
        raise InputError(
            f"{name} is {place}, a folder, and what a pod writes there goes with it: give "
            "s3://BUCKET/PREFIX"
        )


def refuse_local(name: str, value: str) -> None:
    """Raise InputError if `value` is a path that only this machine has."""
    path = Path(value).expanduser()
    if not value or URL.match(value) or not is_there(path):
        return
    ours = [folder for folder in (Path.home(), Path.cwd()) if folder != Path("/")]
    if not path.is_absolute() or any(path.is_relative_to(folder) for folder in ours):
        raise InputError(
            f"{name} is {value}, a path on this machine, which the cluster does not see: "
            "give a URL, or a path of the cluster's own"
        )


def is_there(path: Path) -> bool:
    """Tell whether `path` exists; what cannot be a path does not."""
    try:
        return path.exists()
    except OSError:
        return False
