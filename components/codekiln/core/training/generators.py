"""Every source of chance: seeded as one, saved and brought back as tensors."""

import contextlib
import os
import random
from collections.abc import Iterator

import numpy as np
import torch
from torch.utils import deterministic


def seed_all(seed: int) -> None:
    """Seed Python's, NumPy's and torch's generators (torch seeds every device)."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def capture() -> dict[str, torch.Tensor]:
    """Return the state of every generator."""
    _, words, gauss = random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()
    states = {
        "python": torch.tensor(words, dtype=torch.int64),
        "python.gauss": torch.tensor([gauss] if gauss is not None else [], dtype=torch.float64),
        "numpy": torch.from_numpy(np.asarray(keys, dtype=np.int64)),
        "numpy.rest": torch.tensor([position, has_gauss, cached], dtype=torch.float64),
        "torch": torch.get_rng_state(),
    }
    for number in range(torch.cuda.device_count()):
        states[f"cuda.{number}"] = torch.cuda.get_rng_state(number)
    return states


def restore(states: dict[str, torch.Tensor]) -> None:
    """Bring every generator back to what `capture` saw."""
    gauss = states["python.gauss"].tolist()
    random.setstate((3, tuple(states["python"].tolist()), gauss[0] if gauss else None))
    position, has_gauss, cached = states["numpy.rest"].tolist()
    keys = states["numpy"].numpy().astype(np.uint32)
    np.random.set_state(("MT19937", keys, int(position), int(has_gauss), cached))
    torch.set_rng_state(states["torch"])
    for number in range(torch.cuda.device_count()):
        if f"cuda.{number}" in states:
            torch.cuda.set_rng_state(states[f"cuda.{number}"], number)


@contextlib.contextmanager
def repeatable(threads: int | None = None) -> Iterator[None]:
    """Let two runs on one machine compute the same bits, and set the CPU threads to `threads`."""
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        deterministic.fill_uninitialized_memory,  # type: ignore[attr-defined]
        torch.get_num_threads(),
    )
    # cuBLAS reads this once, when it starts (NVIDIA, cuBLAS: results reproducibility).
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    # Writing NaN into every new tensor is for debugging, and costs a pass over memory.
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.set_num_threads(threads or before[3])
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(mode=before[0], warn_only=before[1])
        deterministic.fill_uninitialized_memory = before[2]  # type: ignore[attr-defined]
        torch.set_num_threads(before[3])
