"""The locks answer pyproject.toml and constraints.txt; `make images-lock` mends what fails here."""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import lock
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
ON_GPU = re.compile(r"nvidia-(?!ml-py)|cuda-|triton")
"""What torch brings to GPUs: the torch that is installed here, for CPUs, does not ask for it."""


def pins(text: str) -> dict[str, str]:
    """Read the versions from a lock."""
    found = re.findall(r"^([\w.-]+)==([^\s\\]+)", text, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def locked(family: str) -> dict[str, str]:
    return pins(lock.LOCKS.joinpath(f"{family}.txt").read_text())


def asked(extras: tuple[str, ...]) -> set[str]:
    """List what pyproject.toml asks for, and what that asks for, as it is installed here."""
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"]
    offered: dict[str, list[str]] = project["optional-dependencies"]
    waiting = [Requirement(line) for line in project["dependencies"]]
    waiting += [Requirement(f"codekiln[{extra}]") for extra in extras]
    done: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        for extra in ["", *wanted.extras]:
            if (name, extra) in done:
                continue
            done.add((name, extra))
            known = offered.get(extra, []) if name == "codekiln" else metadata.requires(name) or []
            waiting += applying(known, "" if name == "codekiln" else extra)
    return {name for name, _ in done} - {"codekiln"}


def applying(lines: list[str], extra: str) -> Iterator[Requirement]:
    """Yield those requirements that count on Python 3.11 with `extra`."""
    for line in lines:
        wanted = Requirement(line)
        here = {"python_version": "3.11", "extra": extra}
        if wanted.marker is None or wanted.marker.evaluate(here):
            yield wanted


@pytest.mark.parametrize("family", lock.FAMILIES)
def test_a_lock_names_what_pyproject_asks_for_and_nothing_else(family: str) -> None:
    named = {name for name in locked(family) if not ON_GPU.match(name)}
    assert named == asked(lock.FAMILIES[family])


@pytest.mark.parametrize("family", lock.FAMILIES)
def test_a_lock_has_the_versions_of_the_constraints(family: str) -> None:
    constraints = pins(ROOT.joinpath("constraints.txt").read_text())
    held = {name: version.removesuffix("+cpu") for name, version in locked(family).items()}
    assert {name: held[name] for name in held.keys() & constraints} == {
        name: constraints[name] for name in held.keys() & constraints
    }


@pytest.mark.parametrize("path", sorted(lock.LOCKS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_pin_has_a_hash(path: Path) -> None:
    text = path.read_text()
    assert len(re.findall(r"== ?\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text)) == len(pins(text))


@pytest.mark.parametrize("family", [family for family in lock.FAMILIES if family != "train-cuda"])
def test_a_cpu_lock_names_no_part_of_cuda(family: str) -> None:
    assert not [name for name in locked(family) if ON_GPU.match(name)]


def test_torch_comes_for_cpus_and_for_cuda_in_one_version() -> None:
    assert locked("train")["torch"] == locked("embed")["torch"]
    assert locked("train")["torch"] == locked("train-cuda")["torch"] + "+cpu"
    assert {"triton", "nvidia-nccl-cu13"} <= locked("train-cuda").keys()


@pytest.mark.parametrize(
    ("family", "base"),
    [
        *(("history", "core"), ("train", "core"), ("train-cuda", "core")),
        *(("plan", "history"), ("tokens", "history"), ("report", "history"), ("embed", "train")),
        ("github", "history"),
        ("pipelines", "history"),
        ("examples", "history"),
        ("corpus", "history"),
    ],
)
def test_a_family_holds_all_of_the_one_that_it_stands_on(family: str, base: str) -> None:
    assert locked(base).items() <= locked(family).items()


def test_the_lock_of_the_tokenizer_has_transformers_without_torch() -> None:
    assert "transformers" in locked("tokens")
    assert "torch" not in locked("tokens")
