"""The pipelines by name, compiled into packages that Kubeflow's page takes as they are."""

import importlib
from pathlib import Path
from typing import Any

import yaml

from codekiln.core.errors import InputError
from codekiln.core.settings import unknown_key

LITERALS: dict[str, dict[str, list[str]]] = {
    "history": {"model_size": ["tiny", "small", "medium"]},
}
"""The choices of each pipeline's parameters; its keys are the names of all pipelines."""


def names() -> list[str]:
    """Return the names of the pipelines; each is a module here and a function in it."""
    return sorted(LITERALS)


def compile_into(name: str, path: Path) -> None:
    """Compile the pipeline `name` into the file `path`; raises InputError on an unknown name."""
    if name not in LITERALS:
        raise InputError(unknown_key(name, names()).replace("setting", "pipeline"))
    # kfp takes a second to import: who asks for help, or searches, does not wait for it.
    from kfp import compiler

    module = importlib.import_module(f"codekiln_pipelines.{name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    compiler.Compiler().compile(getattr(module, name), str(path))
    offer_choices(path, LITERALS[name])


def offer_choices(path: Path, choices: dict[str, list[str]]) -> None:
    """Make drop-downs of parameters; the server checks them, the SDK cannot say them."""
    package = read(path)
    for parameter, values in choices.items():
        package["root"]["inputDefinitions"]["parameters"][parameter]["literals"] = values
    path.write_text(yaml.safe_dump(package, sort_keys=True), encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Return the pipeline specification of a package."""
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def parameters_of(package: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a package says of each parameter: type, default, choices, description."""
    told: dict[str, dict[str, Any]] = package["root"]["inputDefinitions"]["parameters"]
    return told
