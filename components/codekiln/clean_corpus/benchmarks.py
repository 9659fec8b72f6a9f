"""The problems that models are measured by, read from a folder of JSON lines."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import open_store

ENDS = (".jsonl", ".jsonl.gz")
NAMES = ("task_id", "name", "id")
STATEMENT = ("docstring", "text", "question", "problem", "instruction", "description", "prompt")
SOLUTION = ("canonical_solution", "code", "solution", "answer")
TESTS = ("test", "tests", "test_list", "test_setup_code", "challenge_test_list", "example_test")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a benchmark: its parts by name, some of them perhaps empty."""

    benchmark: str
    name: str
    statement: str
    solution: str
    tests: str

    @property
    def parts(self) -> Mapping[str, str]:
        """Return its parts by name, and all together."""
        whole = "\n".join([self.statement, self.solution, self.tests])
        parts = {"statement": self.statement, "solution": self.solution, "tests": self.tests}
        return {**parts, "whole": whole}


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """All problems of a folder, and the SHA-256 of each of its files by name."""

    problems: Sequence[Problem]
    digests: Mapping[str, str]


def read(uri: str) -> Benchmarks:
    """Read all files of the folder `uri` (local or S3); raises InputError if there are none."""
    store = open_store(uri)
    problems: list[Problem] = []
    digests: dict[str, str] = {}
    for name in store.names():
        if name.endswith(ENDS):
            data = store.read(name)
            digests[name] = hashlib.sha256(data).hexdigest()
            problems += _problems(name, data)
    if not problems:
        raise InputError(f"{uri} holds no benchmark: give a folder with *.jsonl(.gz)")
    return Benchmarks(problems, digests)


def _problems(name: str, data: bytes) -> Iterator[Problem]:
    benchmark = name.rpartition("/")[2].split(".jsonl")[0]
    for number, line in enumerate(_unpacked(name, data).split(b"\n"), 1):
        if not line.strip():
            continue
        problem = _problem(benchmark, number, _row(f"{name}, line {number}", line))
        if not (problem.statement or problem.solution):
            raise InputError(
                f"{name}, line {number} holds none of {', '.join(STATEMENT + SOLUTION)}: that is "
                "no problem; name its fields so, or take the file out of the folder"
            )
        yield problem


def _unpacked(name: str, data: bytes) -> bytes:
    try:
        return gzip.decompress(data) if name.endswith(".gz") else data
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{name} is not gzip, or cut: {error}; fetch it again") from error


def _row(place: str, line: bytes) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} is not JSON: {error}; mend it") from error
    if not isinstance(row, dict):
        raise InputError(f"{place} is not a mapping of fields; mend it")
    return row


def _problem(benchmark: str, number: int, row: Mapping[str, Any]) -> Problem:
    named = (str(row[key]) for key in NAMES if key in row)
    return Problem(
        benchmark=benchmark,
        name=next(named, str(number)),
        statement=next((text for text in _texts(row, STATEMENT) if text.strip()), ""),
        solution=_solution(row),
        tests="\n".join(_texts(row, TESTS)),
    )


def _solution(row: Mapping[str, Any]) -> str:
    """Return the solution with the declaration it goes on from, where that stands apart."""
    body = "\n".join(_texts(row, SOLUTION))
    declaration = row.get("declaration")
    return f"{declaration}{body}" if isinstance(declaration, str) else body


def _texts(row: Mapping[str, Any], fields: Sequence[str]) -> Iterator[str]:
    for field in fields:
        value = row.get(field)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield "\n".join(map(str, value))
