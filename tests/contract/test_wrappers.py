"""A phase names its parameters in settings.py and again in component.py; they must agree."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import codekiln
from codekiln.core import settings
from codekiln.core.settings import INPUT, OUTPUT, Section
from codekiln_pipelines import packages

ROOT = Path(codekiln.__file__).parent
PHASES = sorted(path.parent.name for path in ROOT.glob("*/component.py"))
DOOR = {"executor-input", "config"}
"""Flags of every phase; `config` is also a parameter of every wrapper."""


def wrapper_of(phase: str) -> Any:
    return getattr(importlib.import_module(f"codekiln.{phase}.component"), phase)


def settings_of(phase: str) -> type[Section]:
    kind: type[Section] = importlib.import_module(f"codekiln.{phase}.settings").Settings
    return kind


def folders_of(phase: str, role: str) -> set[str]:
    kind = settings_of(phase)
    return {name for name in settings.plain_of(kind) if settings.role_of(kind, name) == role}


@pytest.mark.parametrize("phase", PHASES)
def test_every_input_of_a_wrapper_is_a_setting_with_the_same_default(phase: str) -> None:
    fields = settings_of(phase).model_fields
    inputs = wrapper_of(phase).component_spec.inputs
    for name, told in inputs.items():
        if name == "config":
            continue
        field = fields[name]
        # Kubeflow has no empty value but the empty text, and none at all for a final status.
        assert not told.optional or (told.default or None) == (field.default or None), name


@pytest.mark.parametrize("phase", PHASES)
def test_a_wrapper_has_every_folder_and_every_required_setting(phase: str) -> None:
    spec = wrapper_of(phase).component_spec
    fields = settings_of(phase).model_fields
    required = {
        name for name in settings.plain_of(settings_of(phase)) if fields[name].is_required()
    }
    assert required <= {*spec.inputs, *spec.outputs}
    assert folders_of(phase, INPUT) <= {*spec.inputs}
    assert folders_of(phase, OUTPUT) <= {*spec.outputs}
    assert {*spec.outputs} - {*fields} == {"metrics"}


@pytest.mark.parametrize("phase", PHASES)
def test_a_wrapper_passes_each_of_its_parameters_as_its_flag(phase: str) -> None:
    spec = wrapper_of(phase).component_spec
    told = [str(arg) for arg in spec.implementation.container.args]
    passed = {arg.removeprefix("--") for arg in told if arg.startswith("--")}
    named = {name.replace("_", "-") for name in {*spec.inputs, *spec.outputs} - {"metrics"}}
    assert passed == named | DOOR


@pytest.mark.parametrize("phase", PHASES)
def test_the_names_of_folder_command_image_and_step_are_one(phase: str) -> None:
    spec = wrapper_of(phase).component_spec
    container = spec.implementation.container
    assert container.command == ["python", "-m", f"codekiln.{phase}"]
    assert f"/codekiln-{phase.replace('_', '-')}:" in container.image
    assert spec.name == phase.replace("_", "-")


@pytest.mark.parametrize("phase", PHASES)
def test_the_wrapper_and_the_settings_say_what_the_phase_does_alike(phase: str) -> None:
    assert wrapper_of(phase).component_spec.description == settings_of(phase).__doc__


@pytest.mark.parametrize("phase", PHASES)
def test_every_setting_says_what_it_means(phase: str) -> None:
    kind = settings_of(phase)
    sections = settings.sections_of(kind)
    for name, section in {phase: kind, **sections}.items():
        for field, told in section.model_fields.items():
            assert told.description or field in sections, f"{name}.{field}"


@pytest.mark.parametrize("name", packages.names())
def test_compiling_loads_no_logic(name: str) -> None:
    probe = f"import sys, codekiln_pipelines.{name}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout.split()
    parts = {
        module.split(".")[-1]
        for module in loaded
        if module.startswith("codekiln.")
        and module.count(".") == 2
        and not module.startswith("codekiln.core.")
    }
    assert parts == {"component"}
    assert not {"torch", "transformers", "numpy", "pyarrow", "matplotlib"} & {*loaded}


@pytest.mark.parametrize("phase", PHASES)
def test_settings_import_in_milliseconds_without_what_computes(phase: str) -> None:
    probe = f"import sys, codekiln.{phase}.settings; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {
        "torch",
        "transformers",
        "numpy",
        "pyarrow",
        "matplotlib",
        "kfp",
        "sentence_transformers",
    }
    assert not heavy & {*loaded}
