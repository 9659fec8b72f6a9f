"""What a step is told: every text in its parameters, and in the sections that its phase reads."""

import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from codekiln.core import settings
from codekiln.core.errors import InputError
from codekiln.core.settings import Section
from codekiln.core.storage.objects import is_remote, local_path, place_of
from codekiln_pipelines.local.step import Step
from codekiln_pipelines.recipes import CONFIG

CHECKPOINTS = "checkpoints"
"""The setting of every phase that trains."""
PLACES = ("data", "corpus")
"""The parameters, of pipelines and of phases, that say where data is kept which outlives a run."""
REFERENCES = {"reference.json": "data", "location.json": "tokens"}
"""Files of artifacts that name data which lies elsewhere, and the key that says where."""


def words(step: Step) -> Iterator[str]:
    """Yield every text that `step` is told."""
    for name, value in step.told.items():
        yield from texts(sections(step.phase, value) if name == CONFIG else value)


def sections(phase: str, config: str) -> dict[str, Any]:
    """Return the sections of `config` that `phase` reads; the others are told to it in vain."""
    kind = settings_of(phase)
    document = settings.document(config)
    if kind is None:
        return document
    read = {phase, *settings.sections_of(kind)}
    return {name: value for name, value in document.items() if name in read}


def settings_of(phase: str) -> type[Section] | None:
    """Return the settings of `phase`; None if it is none of ours."""
    try:
        found: type[Section] = importlib.import_module(f"codekiln.{phase}.settings").Settings
    except ModuleNotFoundError:
        return None
    return found


def places_of(phase: str) -> set[str]:
    """Return the settings of `phase` that say where a run keeps something while it lasts."""
    kind = settings_of(phase)
    return set(settings.places_in_run(kind, "run")) if kind else set()


def checkpoints(step: Step) -> str:
    """Return where `step` is told to keep its checkpoints; empty: in its run, or nowhere."""
    own = sections(step.phase, str(step.told.get(CONFIG, ""))).get(step.phase) or {}
    return str(own.get(CHECKPOINTS) or "") if CHECKPOINTS in places_of(step.phase) else ""


def places(step: Step) -> list[str]:
    """Return where `step` is told to keep data that outlives the run."""
    return [str(step.told[name]) for name in PLACES if step.told.get(name)]


def refuse_nested(parameters: Mapping[str, object]) -> None:
    """Raise InputError if what is made is to be kept where it would lie among what it is made of.

    Folders are absolute by now.
    """
    data, corpus = (str(parameters.get(name, "")) for name in PLACES)
    if data and corpus and f"{_place(corpus)}/".startswith(f"{_place(data)}/"):
        raise InputError(
            f"corpus is {corpus}, which is data ({data}) or lies in it: give each a place of its "
            "own, for examples and tokens are no pull requests"
        )


def _place(uri: str) -> str:
    """Return what equal places have in common, however they are written."""
    place = "//" + "/".join(place_of(uri)) if is_remote(uri) else str(local_path(uri))
    return place.rstrip("/")


def referred(step: Step) -> Iterator[str]:
    """Yield where the data lies that the input artifacts of `step` only name."""
    for folder in artifacts(step):
        for name, key in REFERENCES.items():
            path = Path(folder) / name
            if path.is_file():
                yield str(json.loads(path.read_text(encoding="utf-8"))[key])


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value; a text that is a JSON document is looked into."""
    if isinstance(value, str):
        yield value
        if value.startswith(("{", "[")):
            try:
                yield from texts(json.loads(value))
            except ValueError:
                return
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def artifacts(step: Step) -> Iterator[str]:
    """Yield where the input artifacts of `step` lie."""
    for listed in step.executor_input.get("inputs", {}).get("artifacts", {}).values():
        for artifact in listed["artifacts"]:
            yield artifact["uri"]
