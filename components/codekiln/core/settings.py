"""How a phase is told things: defaults, then one YAML document, then flags; checked before work.

A phase's `Settings` holds plain fields (a flag each) and `Section` fields (a part of the YAML
document each, under the field's name). The document may also hold the plain fields, under the name
of the phase:

    training:                # a section that several phases read
      base_learning_rate: 5e-5
    tokenize:                # the plain fields of one phase
      window: 1024
"""

import dataclasses
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from codekiln.core.errors import InputError

INPUT = "input"
OUTPUT = "output"

Input = Annotated[Path, INPUT]
"""A folder that an earlier phase wrote; it must hold that phase's manifest."""

Output = Annotated[Path, OUTPUT]
"""A folder that this phase writes; its manifest is written last."""


def _absent_if_empty(value: object) -> object:
    """Read an empty flag as absent: Kubeflow has no other way to pass nothing."""
    return None if value == "" else value


MISSPELLED = 0.85
"""Likeness from which a key of a document is taken for a slip; no two sections are so alike."""

OptionalPath = Annotated[Path | None, BeforeValidator(_absent_if_empty)]
"""A path, or nothing (an empty flag)."""


@dataclasses.dataclass(frozen=True)
class InRun:
    """Marks a field that, left alone, is a place in the run that the step belongs to."""

    name: str = ""
    """Name below the root of the run; empty is the root itself."""


class Section(BaseModel):
    """A group of settings that is read from, and checked, as one."""

    # Infinity and NaN are no length of time, no rate and no price, and JSON has no word for them.
    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )


Settings = TypeVar("Settings", bound=Section)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core schema: `5e-5` is a number, as in JSON, and `on` is a word."""


_CORE_SCHEMA = {
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
}
"""Where YAML 1.2 (chapter 10.3.2) reads plain words otherwise than PyYAML's 1.1."""

_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in _CORE_SCHEMA]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, (_pattern, _first) in _CORE_SCHEMA.items():
    _Loader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), list(_first))


def phase_of(settings: type[Section]) -> str:
    """Name the phase whose `settings.py` defines `settings`: codekiln.PHASE.settings."""
    return settings.__module__.split(".")[1]


def sections_of(settings: type[Section]) -> dict[str, type[Section]]:
    """Return the sections that `settings` reads, by name."""
    kinds = {name: field.annotation for name, field in settings.model_fields.items()}
    return {n: k for n, k in kinds.items() if isinstance(k, type) and issubclass(k, Section)}


def plain_of(settings: type[Section]) -> list[str]:
    """Return the names of the fields of `settings` that are flags."""
    sections = sections_of(settings)
    return [name for name in settings.model_fields if name not in sections]


def role_of(settings: type[Section], name: str) -> str | None:
    """Return INPUT or OUTPUT where the field `name` is a folder in the flow of data, else None."""
    told = [item for item in settings.model_fields[name].metadata if item in (INPUT, OUTPUT)]
    return told[0] if told else None


def places_in_run(settings: type[Section], root: str) -> dict[str, str]:
    """Return where the InRun fields of `settings` lie in the run under the URI `root`, by name."""
    return {
        field: f"{root}/{mark.name}".rstrip("/")
        for field, told in settings.model_fields.items()
        for mark in told.metadata
        if root and isinstance(mark, InRun)
    }


def document(config: str) -> dict[str, Any]:
    """Read a YAML document given as text (it holds a colon, brace or line end) or as a file's path.

    Raises InputError if the file is missing or what it holds is not a mapping.
    """
    is_text = not config.strip() or any(mark in config for mark in ":{\n")
    name, text = ("the configuration", config) if is_text else (config, _text_of(Path(config)))
    try:
        loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 -- a SafeLoader with YAML 1.2's numbers
    except yaml.YAMLError as error:
        where = " ".join(str(error).split())
        raise InputError(f"{name} is not YAML: {where}") from error
    if not isinstance(loaded or {}, dict):
        raise InputError(f"{name} holds {type(loaded).__name__}; it must map sections to settings")
    return {str(key): value for key, value in (loaded or {}).items()}


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read the configuration {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read the configuration {path}: {error}") from error


def read(
    settings: type[Settings],
    config: Mapping[str, Any],
    flags: Mapping[str, Any],
    under: Mapping[str, Any] | None = None,
) -> Settings:
    """Make `settings` from a document and flags; flags win, `under` gives way to both.

    Raises InputError in one line that names each wrong setting, what it was and what it may be.
    """
    phase = phase_of(settings)
    refuse_misspelled(config, [phase, *sections_of(settings)])
    values: dict[str, Any] = {**(under or {}), **mapping(phase, config.get(phase))}
    for name in sections_of(settings):
        values[name] = mapping(name, config.get(name))
    return _checked(settings, {**values, **flags})


def read_section(name: str, kind: type[Settings], config: Mapping[str, Any]) -> Settings:
    """Read the section `name` of the document `config` as `kind`; raises InputError."""
    return _checked(kind, mapping(name, config.get(name)), name)


def check_partial(name: str, kind: type[Section], values: Mapping[str, Any]) -> None:
    """Check what is given under `name` as `kind`, though more may come as flags; InputError."""
    try:
        kind.model_validate(values)
    except ValidationError as error:
        details = [detail for detail in error.errors() if detail["type"] != "missing"]
        if details:
            raise InputError(explain(kind, details, name)) from error


def _checked(kind: type[Settings], values: Mapping[str, Any], prefix: str = "") -> Settings:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise InputError(explain(kind, error.errors(), prefix)) from error


def mapping(name: str, value: object) -> Mapping[str, Any]:
    """Return the section `name` of a document, empty where nothing stands; or raise InputError."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{name} is {value!r}; it must map settings to values")
    return value


def check_sections(config: Iterable[str], known: Iterable[str]) -> None:
    """Raise InputError for each key of the document `config` that nothing reads."""
    names = sorted(known)
    wrong = [unknown_key(key, names) for key in config if key not in names]
    if wrong:
        raise InputError("; ".join(wrong))


def refuse_misspelled(config: Iterable[str], known: Sequence[str]) -> None:
    """Raise InputError for a key that is nearly one of `known`; others are for other phases."""
    for key in config:
        if key not in known and difflib.get_close_matches(key, known, n=1, cutoff=MISSPELLED):
            raise InputError(unknown_key(key, known))


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Say that `key` is none of `known`, and which one is nearest."""
    near = difflib.get_close_matches(key.rsplit(".", 1)[-1], known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "known are " + ", ".join(known)
    return f"unknown setting {key}: {hint}"


def explain(kind: type[Section], details: Iterable[ErrorDetails], prefix: str = "") -> str:
    """Say in one line what is wrong with each setting of `kind`, which is read from `prefix`."""
    return "; ".join(_explain_one(kind, detail, prefix) for detail in details)


def _explain_one(kind: type[Section], detail: ErrorDetails, prefix: str) -> str:
    place = [str(part) for part in detail["loc"]]
    name = ".".join(filter(None, [prefix, *place]))
    if detail["type"] == "extra_forbidden":
        inside = sections_of(kind).get(place[0], kind)
        return unknown_key(name, list(inside.model_fields))
    if detail["type"] == "missing":
        return f"{name} is missing: give --{name.replace('_', '-')}"
    wanted = detail["msg"].removeprefix("Value error, ")
    return f"{name} is {detail['input']!r}: {wanted}" if place else wanted
