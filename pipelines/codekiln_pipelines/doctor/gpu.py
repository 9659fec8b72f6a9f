"""The GPUs of this machine, asked of NVIDIA's driver."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from codekiln_pipelines.doctor.finding import Check, Finding, Subject, fail, ok, skip, warn

GIB = 1 << 30
OLDEST_DRIVER = (580,)
"""For CUDA 13, which PyTorch's wheels and our images carry since torch 2.9; see NVIDIA's CUDA
Toolkit release notes, table 'CUDA Toolkit and Corresponding Driver Versions'."""
MEDIUM_BATCH_GIB = 8
"""Under this a training takes smaller batches (H8)."""
PCI = Path("/sys/bus/pci/devices")
NVIDIA, DISPLAY = "0x10de", "0x03"
"""A vendor, and the begin of a class, as PCI numbers them."""
NO_GPU = "no NVIDIA GPU: CPU runs need none"


@dataclasses.dataclass(frozen=True)
class Device:
    """A GPU."""

    name: str
    memory: int
    """In bytes."""


@dataclasses.dataclass(frozen=True)
class Driver:
    """A driver and its GPUs."""

    version: str
    devices: Sequence[Device]


def subject(*, asked: bool) -> Subject:
    """Return the check of the GPUs of this machine."""
    return Subject(
        name="gpu", asked=asked, checks=[Check(name="gpu.driver", look=lambda: look(PCI))]
    )


def look(pci: Path) -> Finding:
    """Ask the driver; where there is none, look at the bus whether there should be."""
    try:
        import pynvml
    except ImportError:
        return no_driver(cards(pci), "nvidia-ml-py is not installed")
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return no_driver(cards(pci), str(error))
    try:
        return judged(_driver())
    except pynvml.NVMLError as error:
        return fail(f"NVIDIA's driver fails: {error}", "run nvidia-smi, and reboot if it fails too")
    finally:
        pynvml.nvmlShutdown()


def _driver() -> Driver:
    import pynvml

    handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
    return Driver(
        pynvml.nvmlSystemGetDriverVersion(),
        [
            Device(pynvml.nvmlDeviceGetName(h), int(pynvml.nvmlDeviceGetMemoryInfo(h).total))
            for h in handles
        ],
    )


def judged(driver: Driver) -> Finding:
    """Judge a driver and its GPUs."""
    if not driver.devices:
        return skip(f"driver {driver.version}, but no GPU is shown to this process: {NO_GPU}")
    names = ", ".join(f"{d.name} {d.memory / GIB:.0f} GiB" for d in driver.devices)
    told = f"{names}; driver {driver.version}"
    if number(driver.version) < OLDEST_DRIVER:
        return fail(
            f"{told}, too old for CUDA 13", f"install NVIDIA's driver {OLDEST_DRIVER[0]} or newer"
        )
    if all(device.memory < MEDIUM_BATCH_GIB * GIB for device in driver.devices):
        return warn(
            f"{told}: under {MEDIUM_BATCH_GIB} GiB batches are small",
            "use model_size small, or a GPU with more memory",
        )
    return ok(told)


def number(version: str) -> tuple[int, ...]:
    """Read a version such as 580.65.06."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def cards(pci: Path) -> int:
    """Return how many NVIDIA cards the bus has, driver or not."""
    return sum(
        _text(device / "vendor") == NVIDIA and _text(device / "class").startswith(DISPLAY)
        for device in (pci.iterdir() if pci.is_dir() else ())
    )


def no_driver(cards: int, why: str) -> Finding:
    """Judge a machine whose driver does not answer."""
    if not cards:
        return skip(NO_GPU)
    if "nvidia-ml-py" in why:
        return warn(f"{cards} NVIDIA card(s), not looked at: {why}", "pip install nvidia-ml-py")
    return fail(
        f"{cards} NVIDIA card(s), but no driver answers: {why}",
        f"install NVIDIA's driver {OLDEST_DRIVER[0]} or newer, then: nvidia-smi",
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace").strip() if path.is_file() else ""
