"""What a run is asked for: a recipe, a file of the user's, flags; checked before anything runs.

A recipe is a YAML document. Its plain keys are parameters of the pipeline, its mappings are the
sections that the phases read (see codekiln.core.settings).
"""

import argparse
import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from codekiln.core import flags, settings
from codekiln.core.errors import InputError
from codekiln.core.log import Logging
from codekiln.core.settings import Section
from codekiln_pipelines.packages import parameters_of, typed

CONFIG = "config"
"""The parameter that carries the sections to every phase."""
HANDED_DOWN = "pipelinechannel--"
"""What the compiler writes before the name of a parameter in a group: a loop, an exit handler."""


def folder() -> Path:
    """Return the folder of the recipes: inside an installed package, beside it in a checkout."""
    inside = Path(__file__).parent / "recipes"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "recipes"


NONE = "none"
"""The recipe that says nothing: all is as --config and the defaults have it."""


def names(pipeline: str) -> list[str]:
    """Return the names of the recipes of `pipeline`."""
    return sorted(p.stem.removeprefix(f"{pipeline}-") for p in folder().glob(f"{pipeline}-*.yaml"))


def load(pipeline: str, name: str) -> dict[str, Any]:
    """Read the recipe `name` of `pipeline`; raises InputError if there is none."""
    if name == NONE:
        return {}
    if name not in names(pipeline):
        hint = settings.unknown_key(name, [*names(pipeline), NONE]).replace("setting", "recipe")
        raise InputError(hint)
    return settings.document((folder() / f"{pipeline}-{name}.yaml").read_text(encoding="utf-8"))


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the document `over` on `under`: sections key by key, all else whole.

    A section with nothing in it (its lines are commented out, say) takes nothing away.
    """
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping | None):
            merged[key] = merge(below, value or {})
        else:
            merged[key] = value
    return merged


def over(earlier: Mapping[str, str], asked: Mapping[str, str]) -> dict[str, str]:
    """Lay the arguments `asked` on those of an earlier run, sections key by key."""
    sections = [json.loads(told.get(CONFIG) or "{}") for told in (earlier, asked)]
    merged = merge(*sections)
    return {**earlier, **asked, CONFIG: json.dumps(merged)} if merged else {**earlier, **asked}


def arguments(
    package: dict[str, Any], document: Mapping[str, Any], *, partial: bool = False
) -> dict[str, str]:
    """Turn a document into the arguments of a compiled pipeline; `partial`, if others are known.

    Raises InputError, all faults in one line, before anything runs.
    """
    known = parameters_of(package)
    sections = _sections(package, document)
    told = {k: _text(v) for k, v in document.items() if k not in sections}
    check(package, sections, told)
    required = [name for name, kind in known.items() if "defaultValue" not in kind]
    missing = [name for name in required if not told.get(name, "given" if partial else "")]
    if missing:
        raise InputError("; ".join(f"{name} is missing: give --{name}" for name in missing))
    return {**told, CONFIG: json.dumps(sections)} if sections else told


def _sections(package: dict[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sections of `document`; raises InputError where one is no group of settings."""
    known, kinds = parameters_of(package), sections_of(package)
    return {
        name: dict(settings.mapping(name, value))
        for name, value in document.items()
        if name not in known and (name in kinds or isinstance(value, Mapping))
    }


def _text(value: Any) -> str:
    """Return a value of a document as the text of a flag; groups and lists become JSON."""
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return "" if value is None else str(value)


def add_flags(parser: argparse._ActionsContainer, package: dict[str, Any]) -> None:
    """Add a flag for each parameter of `package` but the sections; one not given is not there."""
    for name, told in parameters_of(package).items():
        if name != CONFIG:
            choices = "|".join(map(str, told.get("literals", []))) or "TEXT"
            # argparse reads a percent sign as the beginning of a name.
            about = (told.get("description") or "").replace("%", "%%")
            parser.add_argument(
                flags.flag(name),
                dest=name,
                metavar=choices,
                default=argparse.SUPPRESS,
                help=about,
            )


def check(package: dict[str, Any], sections: Mapping[str, Any], told: Mapping[str, str]) -> None:
    """Raise InputError for keys that no phase of `package` reads, and for values out of bounds."""
    kinds, known = sections_of(package), parameters_of(package)
    settings.check_sections([*sections, *told], [*kinds, *known])
    for name, values in sections.items():
        settings.check_partial(name, kinds[name], values)
    for name, value in told.items():
        _refuse_bytes(name, value)
        choices = [str(choice) for choice in known[name].get("literals", [])]
        if choices and value not in choices:
            raise InputError(f"{name} is {value!r}; it must be one of {', '.join(choices)}")
        typed(name, value, known[name])
    check_fields(package, told)


def _refuse_bytes(name: str, value: str) -> None:
    """Raise InputError for a path whose bytes are no text: no document can carry it to a step."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{name} is {value!r}, which is not UTF-8: give it another name"
        ) from error


def check_fields(package: dict[str, Any], told: Mapping[str, str]) -> None:
    """Raise InputError for a parameter that a phase would refuse, hours later, as its setting.

    An empty one means that the phase is told nothing.
    """
    for name, kind, field in fields_of(package):
        if told.get(name):
            value = typed(name, told[name], parameters_of(package)[name])
            try:
                settings.check_partial("", kind, {field: value})
            except InputError as error:
                raise InputError(f"{name}{str(error).removeprefix(field)}") from error


def fields_of(package: dict[str, Any]) -> Iterator[tuple[str, type[Section], str]]:
    """Yield each parameter that a phase of `package` is handed, with its setting of the phase."""
    components, known = package["components"], parameters_of(package)
    for group in (package["root"], *components.values()):
        for task in group.get("dag", {}).get("tasks", {}).values():
            label = components[task["componentRef"]["name"]].get("executorLabel")
            kind = settings_of(phase_of(package, label)) if label else None
            for field, given in task.get("inputs", {}).get("parameters", {}).items():
                name = given.get("componentInputParameter", "").removeprefix(HANDED_DOWN)
                if kind and name in known and field in kind.model_fields:
                    yield name, kind, field


def sections_of(package: dict[str, Any]) -> dict[str, type[Section]]:
    """Return every section that the phases of a package read, and each phase's own, by name."""
    kinds: dict[str, type[Section]] = {"logging": Logging}
    for phase in phases_of(package):
        own = settings_of(phase)
        kinds |= {phase: own, **settings.sections_of(own)}
    return kinds


def settings_of(phase: str) -> type[Section]:
    """Return the settings of `phase`."""
    found: type[Section] = importlib.import_module(f"codekiln.{phase}.settings").Settings
    return found


def phases_of(package: dict[str, Any]) -> list[str]:
    """Return the phases whose containers a package runs."""
    return sorted({phase_of(package, label) for label in package["deploymentSpec"]["executors"]})


def phase_of(package: dict[str, Any], label: str) -> str:
    """Return the phase that the executor `label` of a package runs."""
    command: list[str] = package["deploymentSpec"]["executors"][label]["container"]["command"]
    return command[-1].removeprefix("codekiln.")
