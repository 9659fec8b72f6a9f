"""Verdicts on Go syntax from a process that holds Go's own parser."""

import contextlib
import os
import select
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

VALID, INVALID, UNKNOWN = "valid", "invalid", "unknown"
FILE, DECLARATIONS = b"F", b"D"
HEADER = struct.Struct(">cI")
LETTERS = {b"V": VALID, b"I": INVALID}
LARGEST_ANSWER = 1 << 20
PATIENCE_S = 60.0
"""No snippet takes so long (10 MB take 1 s): a judge that is silent for it is ended."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Go's parser says: `error` is the first one, "" unless the syntax is invalid."""

    syntax: str
    error: str = ""


class SilentError(Exception):
    """The judge ended, or gave no answer in time."""


class Judge:
    """One process of the judge, begun when it is first asked; a context that ends it.

    Without a program every verdict is unknown. A snippet that ends the process is unknown too, and
    the next one gets a new process.
    """

    def __init__(self, program: Path | None) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._version = ""
        self._last: tuple[str, Verdict] | None = None

    @property
    def version(self) -> str:
        """Return the version of Go that judges, as `go1.27.3`; "" if none does."""
        if not self._version and self.program is not None:
            with contextlib.suppress(SilentError):
                self._begun()
        return self._version

    def of_file(self, text: str) -> Verdict:
        """Judge a whole file; the same one again costs nothing."""
        if self._last is None or self._last[0] != text:
            self._last = (text, self._asked(FILE, text))
        return self._last[1]

    def of_declarations(self, text: str) -> Verdict:
        """Judge declarations as if they stood in a file of their own, below a package clause."""
        return self._asked(DECLARATIONS, text)

    def _asked(self, mode: bytes, text: str) -> Verdict:
        if self.program is None:
            return Verdict(UNKNOWN)
        source = text.encode("utf-8", "surrogatepass")
        try:
            process = self._begun()
            _write(process, HEADER.pack(mode, len(source)) + source)
            letter, told = _answer(process)
        except SilentError:
            self.close()
            return Verdict(UNKNOWN)
        return Verdict(LETTERS[letter], told)

    def _begun(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            # Its own process group would outlive a Ctrl-C; it ends with its standard input.
            self._process = subprocess.Popen(
                [str(self.program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, bufsize=0, env={"GOTRACEBACK": "none"},
            )  # fmt: skip
            self._version = _answer(self._process)[1]
        return self._process

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with process:
                pass

    def __enter__(self) -> Self:
        """Return the judge."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self.close()


def _write(process: "subprocess.Popen[bytes]", data: bytes) -> None:
    view = memoryview(data)
    try:
        while view and process.stdin:
            view = view[process.stdin.write(view) :]
    except OSError as error:
        raise SilentError from error


def _answer(process: "subprocess.Popen[bytes]") -> tuple[bytes, str]:
    letter, length = HEADER.unpack(_read(process, HEADER.size))
    if length > LARGEST_ANSWER:
        raise SilentError
    return letter, _read(process, length).decode("utf-8", "replace")


def _read(process: "subprocess.Popen[bytes]", size: int) -> bytes:
    until = time.monotonic() + PATIENCE_S
    parts: list[bytes] = []
    while size and process.stdout:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        part = os.read(process.stdout.fileno(), size) if ready else b""
        if not part:
            raise SilentError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
