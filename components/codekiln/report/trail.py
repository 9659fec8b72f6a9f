"""What a run left under its root: manifests, failures, logs, documents. Nothing here raises.

A broken part becomes a note, for the report must be written whatever happened before.
"""

import base64
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from pydantic import TypeAdapter

from codekiln.core import manifest, outputs
from codekiln.core.errors import CodekilnError
from codekiln.core.manifest import Manifest
from codekiln.core.storage.local import LocalFolder
from codekiln.core.storage.objects import Objects

BROKEN = (
    CodekilnError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError,
    ArithmeticError, RecursionError,
)  # fmt: skip
"""How a document or a table that is not as it should be shows; ValueError covers JSON, UTF-8 and
pydantic, and pyarrow's errors are among these too."""

OWN = "report"
LOG = "log.txt"
"""Where the local runner keeps what a step said; on a cluster the pod has it."""

LOG_LINES = 40

_CREDENTIALS = re.compile(rb"(://)[^/@\s\"'\\]+@")
_MANIFEST = TypeAdapter(Manifest)
Value = TypeVar("Value")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """A finished output: its manifest, its folder under the run's root, and where that is."""

    manifest: Manifest
    folder: str
    location: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A phase that failed: why, and what it last said."""

    phase: str
    error: str
    exit_code: int
    time: str = ""
    log: tuple[str, ...] = ()
    log_location: str = ""
    seconds: float = 0.0
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    settings_digest: str = ""


class Trail:
    """The objects of one run, read with care; `notes` gathers what could not be read."""

    def __init__(self, store: Objects | None) -> None:
        """List what `store` holds; None is a run whose root cannot be reached."""
        self.notes: list[str] = []
        self._store = store
        self.names: list[str] = self.guarded("the run", lambda: _names(store), [])
        self.outputs = sorted(self._outputs(), key=lambda output: output.manifest.started)
        self.failures = list(self._failures())

    def guarded(self, subject: str, read: Callable[[], Value], otherwise: Value) -> Value:
        """Return what `read` returns; if that is broken, `otherwise`, and a note on `subject`."""
        try:
            return read()
        except BROKEN as error:
            said = " ".join(str(error).split())[:300]
            self.notes.append(f"{subject} cannot be read: {said or type(error).__name__}")
            return otherwise

    def of(self, phase: str) -> list[Output]:
        """Return the outputs of `phase`; where it ran more than once, the newest comes last."""
        return [output for output in self.outputs if output.manifest.phase == phase]

    def document(self, name: str) -> dict[str, Any]:
        """Return the JSON object in the newest file called `name`; empty if there is none."""
        text = self.text(name)
        return self.guarded(name, lambda: _object(text.encode()), {}) if text else {}

    def text(self, name: str) -> str:
        """Return the text in the newest file called `name`; empty if there is none."""
        found = next((n for n in self._newest_first() if PurePosixPath(n).name == name), None)
        return self.guarded(name, lambda: _words(self.read(found)), "") if found else ""

    def picture(self, name: str) -> str:
        """Return the newest SVG called `name` as a data: URI: as an image it can run no script."""
        data = base64.b64encode(self.text(name).encode()).decode()
        return f"data:image/svg+xml;base64,{data}" if data else ""

    def read(self, name: str) -> bytes:
        """Return the bytes of `name` without passwords that stand in URLs; raises InputError."""
        if self._store is None:
            raise KeyError(name)
        return _CREDENTIALS.sub(rb"\1", self._store.read(name))

    def copied(self, output: Output, pattern: str, scratch: Path) -> Path:
        """Return a local folder with the files of `output` that match `pattern`."""
        if isinstance(self._store, LocalFolder):
            return self._store.root / output.folder
        for name in self._within(output, pattern):
            # Records are taken as they are: stripping bytes would break a Parquet file.
            if self._store:
                self._store.download(name, scratch / PurePosixPath(name).name)
        return scratch

    def _within(self, output: Output, pattern: str) -> list[str]:
        """Return the names of the files of `output` that match `pattern`."""
        prefix = f"{output.folder}/"
        return [n for n in self.names if n.startswith(prefix) and PurePosixPath(n).match(pattern)]

    def _newest_first(self) -> Iterator[str]:
        """Yield the files of finished outputs, the newest first; then those at the root."""
        for output in reversed(self.outputs):
            yield from self._within(output, "*")
        yield from (name for name in self.names if "/" not in name)

    def _outputs(self) -> Iterator[Output]:
        for name in self._called(manifest.NAME):
            read = self.guarded(name, partial(self._output, name), None)
            if read and read.manifest.phase != OWN:
                yield read

    def _output(self, name: str) -> Output:
        folder = str(PurePosixPath(name).parent)
        read = _MANIFEST.validate_json(self.read(name))
        location = self._store.location(folder) if self._store else folder
        return Output(manifest=read, folder=folder, location=location)

    def _failures(self) -> Iterator[Failure]:
        for name in self._called(outputs.FAILURE):
            read = self.guarded(name, partial(self._failure, name), None)
            if read and read.phase != OWN:
                yield read

    def _failure(self, name: str) -> Failure:
        told = _object(self.read(name))
        log = str(PurePosixPath(name).with_name(LOG))
        has_log = log in self.names
        words = self.guarded(log, lambda: _words(self.read(log)), "") if has_log else ""
        lines = words.splitlines() or [str(line) for line in told.get("log", [])]
        return Failure(
            phase=str(told["phase"]),
            error=str(told["error"]),
            exit_code=int(told.get("exit_code", 1)),
            time=str(told.get("time", "")),
            log=tuple(lines[-LOG_LINES:]),
            log_location=self._store.location(log) if has_log and self._store else "",
            seconds=float(told.get("seconds", 0.0)),
            settings=dict(told.get("settings", {})),
            settings_digest=str(told.get("settings_digest", "")),
        )

    def _called(self, base: str) -> list[str]:
        return [name for name in self.names if PurePosixPath(name).name == base]


def _names(store: Objects | None) -> list[str]:
    return list(store.names()) if store else []


def _object(data: bytes) -> dict[str, Any]:
    told = json.loads(data)
    if not isinstance(told, dict):
        raise TypeError(f"it holds {type(told).__name__}, not an object")
    return told


def _words(data: bytes) -> str:
    return data.decode(errors="replace")
