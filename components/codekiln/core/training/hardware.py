"""What there is to train on, and what follows from it: batch, workers, precision, advice."""

import dataclasses
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import psutil
import torch

from codekiln.core import cores
from codekiln.core.errors import ServiceError
from codekiln.core.training.settings import HardwareMonitoring, Training

GIB = 2**30
MOST_WORKERS = 8

BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""Flags of /proc/cpuinfo that tell of bf16 arithmetic (x86, x86, Arm); emulated it is slow."""

PEAK_BF16_FLOPS = {
    "B200": 2250e12, "H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12,
    "L4": 121e12, "A10": 125e12, "RTX 4090": 165e12, "RTX 3090": 71e12,
}  # fmt: skip
"""Dense bf16 operations a second by the vendor's data sheets, longest name first."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Hardware:
    """The machine that a run computes on; memory in GiB."""

    device: Literal["cuda", "cpu"]
    name: str
    cpus: int
    ram_gib: float
    bf16: bool
    gpu_gib: float | None = None
    gpu_uuid: str | None = None
    peak_flops: float | None = None


def detect(environ: Mapping[str, str] = os.environ) -> Hardware:
    """Look at this machine: the first GPU that CUDA shows, or the CPU.

    Raises ServiceError where a GPU was given to this process that CUDA cannot use.
    """
    cpus, ram = cores.usable(), psutil.virtual_memory().total / GIB
    if not torch.cuda.is_available():
        refuse_lost_gpu(environ)
        has_bf16 = bool(BF16_FLAGS & cpu_flags())
        return Hardware(device="cpu", name=cpu_name(), cpus=cpus, ram_gib=ram, bf16=has_bf16)
    found = torch.cuda.get_device_properties(0)
    return Hardware(
        device="cuda",
        name=found.name,
        cpus=cpus,
        ram_gib=ram,
        bf16=torch.cuda.is_bf16_supported(including_emulation=False),
        gpu_gib=found.total_memory / GIB,
        gpu_uuid=f"GPU-{found.uuid}",
        peak_flops=peak_of(found.name),
    )


def refuse_lost_gpu(environ: Mapping[str, str]) -> None:
    """Raise ServiceError if this process was given GPUs, and nobody hid them from CUDA.

    Kubernetes names those of a pod in NVIDIA_VISIBLE_DEVICES (NVIDIA's device plugin). Training on
    the CPU instead would hold them for days, and nobody would know.
    """
    given = environ.get("NVIDIA_VISIBLE_DEVICES", "")
    hidden = environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    if given.startswith(("GPU-", "MIG-")) and not hidden:
        raise ServiceError(
            f"a GPU was given to this step ({given.partition(',')[0]}), but CUDA finds none: the "
            "image may be one for CPUs, or the driver of the node too old (codekiln doctor tells)"
        )


def conditions(machine: Hardware) -> dict[str, str]:
    """Return what must be the same for a restart to give the same bits."""
    threads = str(machine.cpus if machine.device == "cpu" else torch.get_num_threads())
    return {"torch": torch.__version__, "device": machine.name, "threads": threads}


def peak_of(name: str) -> float | None:
    """Return the bf16 operations a second of the GPU `name`, or None if they are not known."""
    return next((peak for known, peak in PEAK_BF16_FLOPS.items() if known in name), None)


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> set[str]:
    """Return the feature flags of the first CPU; none where the system does not tell."""
    for line in _lines(cpuinfo):
        if line.startswith(("flags", "Features")):
            return set(line.partition(":")[2].split())
    return set()


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the name of the CPU."""
    names = (line.partition(":")[2].strip() for line in _lines(cpuinfo) if "model name" in line)
    return next(names, platform.machine() or "CPU")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def workers(hardware: Hardware, training: Training) -> int:
    """Return the loader processes: what `training` says, or half the CPUs, 1 to 8."""
    if training.workers is not None:
        return training.workers
    return min(MOST_WORKERS, max(1, hardware.cpus // 2))


def dtype(hardware: Hardware, training: Training) -> torch.dtype:
    """Return the type of the forward pass: bf16 where the hardware computes it, unless told."""
    if training.precision == "auto":
        return torch.bfloat16 if hardware.bf16 else torch.float32
    return torch.bfloat16 if training.precision == "bf16" else torch.float32


def is_out_of_memory(error: RuntimeError) -> bool:
    """Say whether `error` is torch's way to say that memory ran out, on a GPU or a CPU."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def out_of_memory(hardware: Hardware, batch: int, monitoring: HardwareMonitoring) -> str:
    """Say in one line that a batch did not fit, and which setting to raise or lower."""
    if hardware.gpu_gib is None:
        return (
            f"out of memory: a batch of {batch} does not fit into {hardware.ram_gib:.0f} GiB; "
            "lower batch_size_cpu and raise accumulation by as much, or take a smaller model"
        )
    found = f"out of memory: a batch of {batch} does not fit into {hardware.gpu_gib:.1f} GiB; "
    above = f"above {hardware.gpu_gib:.1f} to take a smaller batch"
    if hardware.gpu_gib >= monitoring.gpu_memory_threshold_large_gb:
        return found + f"RAISE gpu_memory_threshold_large_gb {above}"
    if hardware.gpu_gib >= monitoring.gpu_memory_threshold_medium_gb:
        return found + f"RAISE gpu_memory_threshold_medium_gb {above}"
    return (
        found + "lower batch_size_small and raise accumulation by as much, or take a smaller model"
    )
