"""How many CPU cores this process may use: a container's share, not the machine's."""

import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def usable(cgroup: Path = CGROUP) -> int:
    """Return the cores that affinity and the limit of the container allow; at least 1."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limit = _limit(cgroup)
    return max(1, min(allowed or 1, limit) if limit is not None else allowed or 1)


def _limit(cgroup: Path) -> int | None:
    """Return the whole cores of the quota; None where there is none.

    Version 2 has `cpu.max`, version 1 a file each for quota and period; -1 and `max` are no quota
    (Linux, Documentation/admin-guide/cgroup-v2.rst and scheduler/sched-bwc.rst).
    """
    second = _words(cgroup / "cpu.max")
    first = _words(cgroup / "cpu/cpu.cfs_quota_us") + _words(cgroup / "cpu/cpu.cfs_period_us")
    try:
        quota, period = (int(word) for word in (second or first))
    except ValueError:
        return None
    return quota // period if quota > 0 else None


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return []
