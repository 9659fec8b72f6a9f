"""The pipelines by name, compiled into packages that Kubeflow's page takes as they are.

A package is a file of two YAML documents: the specification of the pipeline, and that of its
platform, which holds what only Kubernetes understands. Their schemas are PipelineSpec and
PlatformSpec (kubeflow/pipelines, api/v2alpha1/pipeline_spec.proto).
"""

import functools
import importlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from codekiln.core.errors import InputError
from codekiln.core.settings import unknown_key
from codekiln_pipelines import cluster
from codekiln_pipelines.cluster import Cluster

if TYPE_CHECKING:
    from codekiln_pipelines.placing import Placing

LITERALS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "collect": {},
    "data": {},
    "history": {
        "model_size": ["tiny", "small", "medium"],
        "gpu_type": cluster.GPU_TYPES,
        "gpu_count": cluster.GPU_COUNTS,
    },
}
"""The choices of each pipeline's parameters; its keys are the names of all pipelines."""


def names() -> list[str]:
    """Return the names of the pipelines; each is a module here, which builds it."""
    return sorted(LITERALS)


def compile_into(name: str, path: Path, place: Cluster | None = None) -> None:
    """Compile the pipeline `name` for `place` into the file `path`.

    Without a place it is for any cluster, or for this machine: no GPU, no queue. Raises InputError
    on an unknown name.
    """
    package = compiled(name, place or Cluster())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(package, encoding="utf-8")


@functools.cache
def compiled(name: str, place: Cluster) -> str:
    """Return the package of the pipeline `name` for `place`; InputError on an unknown name."""
    if name not in LITERALS:
        raise InputError(unknown_key(name, names()).replace("setting", "pipeline"))
    with tempfile.TemporaryDirectory(prefix="codekiln-") as scratch:
        path = Path(scratch, f"{name}.yaml")
        # kfp reads the sources of all callers, for each step: in a thread of its own there are few.
        with ThreadPoolExecutor(1) as alone:
            placing = alone.submit(_compile, name, place, path).result()
        package, platform = read(path), read_platform(path)
    if not placing.pool.variant:
        withdraw(package, cluster.PARAMETERS)
    offer_choices(package, LITERALS[name])
    return yaml.dump_all([package, platform], Dumper=yaml.CSafeDumper, sort_keys=True)


def _compile(name: str, place: Cluster, path: Path) -> "Placing":
    # kfp takes a second to import: who asks for help, or searches, does not wait for it.
    from kfp import compiler

    from codekiln_pipelines.placing import Placing

    placing = Placing(place)
    pipeline = importlib.import_module(f"codekiln_pipelines.{name}").pipeline(placing)
    compiler.Compiler().compile(pipeline, str(path))
    return placing


def withdraw(package: dict[str, Any], parameters: Sequence[str]) -> None:
    """Take out `parameters`, which no step of `package` reads."""
    told = parameters_of(package)
    for name in parameters:
        told.pop(name, None)


def offer_choices(package: dict[str, Any], choices: Mapping[str, Sequence[str]]) -> None:
    """Make drop-downs of parameters; the server checks them, the SDK cannot say them."""
    told = parameters_of(package)
    for name, values in choices.items():
        if name in told:
            told[name]["literals"] = list(values)


def read(path: Path) -> dict[str, Any]:
    """Return the pipeline specification of a package."""
    return _document(path, "pipelineInfo")


def read_platform(path: Path) -> dict[str, Any]:
    """Return the platform specification of a package; empty if it has none."""
    return _document(path, "platforms")


def _document(path: Path, key: str) -> dict[str, Any]:
    """Return the document of `path` that holds `key`, empty if none does."""
    documents = yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return next((found for found in documents if found and key in found), {})


def parameters_of(package: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a package says of each parameter: type, default, choices, description."""
    told: dict[str, dict[str, Any]] = package["root"]["inputDefinitions"]["parameters"]
    return told


def typed(name: str, value: str, parameter: Mapping[str, Any]) -> object:
    """Return `value` in the type that Kubeflow wants of this parameter; raises InputError."""
    kind = parameter["parameterType"]
    try:
        return value if kind == "STRING" else _READ[kind](value)
    except (KeyError, ValueError) as error:
        raise InputError(f"{name} is {value!r}; it must be a {_WANTED[kind]}") from error


def _json(kind: type, value: str) -> object:
    read = json.loads(value)
    if not isinstance(read, kind):
        raise ValueError(value)  # noqa: TRY004 -- as for text that is no JSON at all
    return read


def _boolean(value: str) -> bool:
    return {"true": True, "false": False}[value.lower()]


_WANTED = {
    "NUMBER_INTEGER": "whole number",
    "NUMBER_DOUBLE": "number",
    "BOOLEAN": "word: true or false",
    "LIST": "list in JSON",
    "STRUCT": "group in JSON",
}
_READ: Mapping[str, Callable[[str], object]] = {
    "NUMBER_INTEGER": int,
    "NUMBER_DOUBLE": float,
    "BOOLEAN": _boolean,
    "LIST": functools.partial(_json, list),
    "STRUCT": functools.partial(_json, dict),
}
