"""What the machine does while a run trains: sampled by the clock, in the background."""

import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import pynvml

from codekiln.core.training.hardware import GIB

logger = logging.getLogger(__name__)

Sensor = Callable[[], dict[str, float]]
"""Readings by name; the name ends with the unit."""

FIRST_LOOK_S = 0.1
"""How long the CPUs are watched for the first reading of their load."""

SensorErrors = (OSError, psutil.Error, pynvml.NVMLError, AttributeError, ValueError)
"""How sensors say that they are not there; psutil lacks whole functions on some systems."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """All readings of one moment, `seconds` after the start."""

    seconds: float
    readings: dict[str, float]


class Monitor:
    """Samples `sensors` every `interval_s`, at the start and at the end; never raises."""

    def __init__(self, sensors: dict[str, Sensor], interval_s: float) -> None:
        self.samples: list[Sample] = []
        self._sensors = dict(sensors)
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="hardware monitor", daemon=True)
        self._started = time.monotonic()

    def __enter__(self) -> "Monitor":
        """Take the first sample and start the thread."""
        self.sample()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the thread and take the last sample."""
        self._stop.set()
        self._thread.join()
        self.sample()

    def _watch(self) -> None:
        while not self._stop.wait(self._interval_s):
            self.sample()

    def sample(self) -> None:
        """Read every sensor once; one that fails is left out from then on."""
        readings: dict[str, float] = {}
        for name, sensor in list(self._sensors.items()):
            try:
                readings |= sensor()
            except SensorErrors as error:
                logger.debug("sensor %s is left out: %s", name, error)
                del self._sensors[name]
        self.samples.append(Sample(seconds=time.monotonic() - self._started, readings=readings))

    @property
    def peaks(self) -> dict[str, float]:
        """Return the highest value of each reading so far."""
        return highest(*(sample.readings for sample in list(self.samples)))


def highest(*readings: dict[str, float]) -> dict[str, float]:
    """Return the highest value of each name."""
    peaks: dict[str, float] = {}
    for reading in readings:
        peaks |= {name: max(value, peaks.get(name, value)) for name, value in reading.items()}
    return peaks


def sensors(disk: Path, gpu_uuid: str | None) -> dict[str, Sensor]:
    """Return the sensors of this machine: CPU, memory, the disk that holds `disk`, one GPU."""
    process = psutil.Process()
    found: dict[str, Sensor] = {
        "cpu": cpu_load(),
        "ram": lambda: {"ram_used_gib": psutil.virtual_memory().used / GIB},
        "process": lambda: {"process_ram_gib": process.memory_info().rss / GIB},
        "disk": lambda: {"disk_used_percent": psutil.disk_usage(str(disk)).percent},
    }
    return found | (gpu_sensors(gpu_uuid) if gpu_uuid else {})


def cpu_load() -> Sensor:
    """Return a sensor of how busy the CPUs were since it was read before, by whichever thread.

    psutil.cpu_percent remembers each thread apart, and answers its first call with 0.
    """
    before: Any = None

    def read() -> dict[str, float]:
        nonlocal before
        if before is None:
            before = psutil.cpu_times()
            time.sleep(FIRST_LOOK_S)
        now = psutil.cpu_times()
        idle, spent = (of(now) - of(before) for of in (_idle_s, _all_s))
        before = now
        # Between two ticks of the kernel's clock there is nothing to tell.
        return {"cpu_percent": 100 * (1 - min(idle / spent, 1.0))} if spent > 0 else {}

    return read


def _idle_s(times: Any) -> float:
    """Return the seconds without work; waiting for a disk is told apart on Linux alone."""
    return float(times.idle) + float(getattr(times, "iowait", 0.0))


def _all_s(times: Any) -> float:
    """Return all seconds; what Linux tells of guests is in `user` and `nice` already."""
    guests = sum(getattr(times, name, 0.0) for name in ("guest", "guest_nice"))
    return float(sum(times)) - guests


def gpu_sensors(uuid: str) -> dict[str, Sensor]:
    """Return the sensors of the GPU `uuid`; none where its driver does not answer."""
    try:
        pynvml.nvmlInit()
        gpu = pynvml.nvmlDeviceGetHandleByUUID(uuid)
    except pynvml.NVMLError as error:
        logger.debug("no GPU sensors: %s", error)
        return {}
    read_c = pynvml.NVML_TEMPERATURE_GPU
    return {
        "gpu memory": lambda: {"gpu_memory_gib": pynvml.nvmlDeviceGetMemoryInfo(gpu).used / GIB},
        "gpu load": lambda: {
            "gpu_percent": float(pynvml.nvmlDeviceGetUtilizationRates(gpu).gpu),
        },
        "gpu heat": lambda: {
            "gpu_celsius": float(pynvml.nvmlDeviceGetTemperature(gpu, read_c)),
        },
    }
