"""What a container uses, read from its control group while it runs: afterwards the group is gone.

Figures of the kernel, see Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst.
"""

import contextlib
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

EVERY_S = 0.2
ROOT = Path("/sys/fs/cgroup")


class Meter(threading.Thread):
    """Reads the figures of one container every EVERY_S until it is told to stop."""

    def __init__(self, pid_of: Callable[[], int]) -> None:
        """Measure the container whose first process is what `pid_of` says; 0 is not yet."""
        super().__init__(daemon=True)
        self.cpu_seconds: float | None = None
        self.peak_bytes: int | None = None
        """Memory that is nobody's file: what the kernel calls anonymous, and shared memory."""
        self.out_of_memory = False
        self._pid_of = pid_of
        self._over = threading.Event()

    def stop(self) -> None:
        """Stop reading."""
        self._over.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Read until told to stop."""
        places = self._places()
        while places and not self._over.is_set():
            started = time.monotonic()
            self._read(places)
            self._over.wait(max(0.0, EVERY_S - (time.monotonic() - started)))

    def _places(self) -> dict[str, Path]:
        """Wait until the container runs; return its folder by controller."""
        while not self._over.is_set():
            pid = self._pid_of()
            if pid:
                return folders(_text(Path(f"/proc/{pid}/cgroup")))
            self._over.wait(EVERY_S)
        return {}

    def _read(self, places: dict[str, Path]) -> None:
        # Where both versions are mounted, the first one counts.
        memory, cpu = places.get("memory"), places.get("cpuacct")
        if memory and cpu:
            used = number(r"^total_rss (\d+)$", _text(memory / "memory.stat"))
            shared = number(r"^total_shmem (\d+)$", _text(memory / "memory.stat"))
            self._note(used, shared, _text(memory / "memory.oom_control"))
            spent = number(r"^(\d+)$", _text(cpu / "cpuacct.usage"))
            self.cpu_seconds = self.cpu_seconds if spent is None else round(spent / 1e9, 3)
        elif unified := places.get(""):
            used = number(r"^anon (\d+)$", _text(unified / "memory.stat"))
            shared = number(r"^shmem (\d+)$", _text(unified / "memory.stat"))
            self._note(used, shared, _text(unified / "memory.events"))
            spent = number(r"^usage_usec (\d+)$", _text(unified / "cpu.stat"))
            self.cpu_seconds = self.cpu_seconds if spent is None else round(spent / 1e6, 3)

    def _note(self, used: int | None, shared: int | None, events: str) -> None:
        if used is not None:
            self.peak_bytes = max(self.peak_bytes or 0, used + (shared or 0))
        self.out_of_memory |= bool(number(r"^oom_kill (\d+)$", events))


def folders(told: str) -> dict[str, Path]:
    """Read /proc/PID/cgroup: the folder of each controller, that of version 2 under ``."""
    found = {}
    for line in told.splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            found[name] = ROOT / name / path.lstrip("/")
    return found


def number(pattern: str, text: str) -> int | None:
    """Return the number that `pattern` finds in `text`."""
    found = re.search(pattern, text, re.MULTILINE)
    return int(found[1]) if found else None


def _text(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text(encoding="ascii", errors="replace")
    return ""
