"""How much memory and how many cores a step as a container may have."""

import dataclasses
import os
import re
from typing import Any

from codekiln.core.errors import InputError
from codekiln_pipelines.local.step import Step

FACTORS = {
    "": 1,
    **{unit: 1000**power for power, unit in enumerate(("", "K", "M", "G", "T", "P"))},
    # Kubernetes writes Gi, podman and docker write g; both mean the same.
    **{f"{unit}i": 1024**power for power, unit in enumerate(("", "K", "M", "G", "T", "P")) if unit},
    **{unit: 1024**power for power, unit in enumerate(("", "k", "m", "g", "t", "p"))},
}
PLACEHOLDER = re.compile(r"^\{\{\$\.inputs\.parameters\['(.+)'\]\}\}$")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
    """What a container may have; None is all that the machine has."""

    memory_bytes: int | None = None
    cpus: float | None = None


def bytes_of(text: str) -> int:
    """Read an amount of memory such as 8g, 8Gi or 8G; raises InputError if it is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([a-zA-Z]{0,2}?)[bB]?", text.strip())
    if not found or found[2] not in FACTORS:
        raise InputError(f"{text!r} is no amount of memory; give a number with g or m, such as 8g")
    return int(float(found[1]) * FACTORS[found[2]])


def cores_of(text: str) -> float:
    """Read a number of cores such as 2, 1.5 or 500m; raises InputError if it is none."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m?)", text.strip())
    cores = float(found[1]) / (1000 if found[2] else 1) if found else 0.0
    if not cores:
        raise InputError(f"{text!r} is no number of cores; give one such as 2 or 0.5")
    return cores


def of_user(memory: str | None, cpus: str | None) -> Limits:
    """Read what the flags say; raises InputError on what cannot be read."""
    return Limits(
        memory_bytes=None if memory is None else bytes_of(memory),
        cpus=None if cpus is None else cores_of(cpus),
    )


def of_package(package: dict[str, Any], step: Step) -> Limits:
    """Return the limits that a package sets for `step`, its parameters filled in."""
    label = package["components"].get(f"comp-{step.component}", {}).get("executorLabel", "")
    executor = package["deploymentSpec"]["executors"].get(label, {})
    told = executor.get("container", {}).get("resources", {})
    memory = filled(told.get("resourceMemoryLimit", ""), step)
    cpus = filled(told.get("resourceCpuLimit", ""), step)
    return of_user(memory or None, cpus or None)


def filled(text: str, step: Step) -> str:
    """Return `text`, or the parameter that it stands for; empty where that is not known."""
    found = PLACEHOLDER.match(text)
    return str(step.told.get(found[1], "")) if found else text


def laid(under: Limits, over: Limits, machine: Limits) -> Limits:
    """Lay the limits `over` on `under`; what a cluster asks for is cut to what `machine` has."""
    memory = over.memory_bytes or under.memory_bytes
    cpus = over.cpus or under.cpus
    return Limits(
        memory_bytes=min(memory, machine.memory_bytes or memory) if memory else None,
        cpus=min(cpus, machine.cpus or cpus) if cpus else None,
    )


def machine() -> Limits:
    """Return what this machine has."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Limits(memory_bytes=pages * size, cpus=os.cpu_count())


def in_words(size: int) -> str:
    """Say an amount of memory: 512 MiB, 8 GiB."""
    unit, factor = ("GiB", 1 << 30) if size >= 1 << 30 else ("MiB", 1 << 20)
    return f"{size / factor:.3g} {unit}"
