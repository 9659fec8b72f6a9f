"""The GPU that this process may use, asked of NVIDIA's driver, without torch."""

import os

import pynvml

GIB = 2**30


def memory_gib() -> float | None:
    """Return the memory of the first GPU that CUDA would show here in GiB, None without one."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        # A name is a UUID ("GPU-...", "MIG-..."), a number an index; empty or -1 hides all.
        if visible.isdigit():
            handle = pynvml.nvmlDeviceGetHandleByIndex(int(visible))
        else:
            handle = pynvml.nvmlDeviceGetHandleByUUID(visible)
        return float(pynvml.nvmlDeviceGetMemoryInfo(handle).total) / GIB
    except pynvml.NVMLError:
        return None
    finally:
        pynvml.nvmlShutdown()
