"""The order of the data: a pure function of seed and epoch, so that any step can be found again.

No state is saved and no loader is asked where it was: batch `n` of an epoch is what `order` says,
with any number of workers.
"""

import os
import signal
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from codekiln.core.training.trainable import Batch


class Rows(Protocol):
    """A map-style data set; a row depends on its number alone."""

    def __len__(self) -> int:
        """Return the number of rows."""
        ...

    def __getitem__(self, index: int, /) -> Any:
        """Return one row, in a form that `collate` knows."""
        ...


Collate = Callable[[Sequence[Any]], Batch]


def order(rows: int, seed: int, epoch: int) -> list[int]:
    """Return the numbers of all rows in the order of `epoch`."""
    return [int(row) for row in np.random.default_rng([seed, epoch]).permutation(rows)]


def batches(numbers: Sequence[int], size: int) -> list[list[int]]:
    """Cut `numbers` into batches of `size`; the last may be smaller."""
    return [list(numbers[start : start + size]) for start in range(0, len(numbers), size)]


def loader(
    rows: Rows, numbers: list[list[int]], collate: Collate, workers: int, *, pin: bool
) -> DataLoader[Any]:
    """Load the batches that `numbers` lists, in that order, by `workers` processes (0: none)."""
    data: Dataset[Any] = rows  # type: ignore[assignment]  # torch asks for two methods, not a base
    return DataLoader(
        data,
        batch_sampler=numbers,
        collate_fn=collate,
        num_workers=min(workers, len(numbers)),
        pin_memory=pin,
        worker_init_fn=leave_signals_to_parent,
        # A loader draws a seed when it starts; from the global generator, a restart within an
        # epoch would shift every later draw of the model.
        generator=torch.Generator().manual_seed(0),
    )


def leave_signals_to_parent(_worker: int) -> None:
    """Let the engine alone answer signals: a worker that died of one would end the run unsaved.

    A pod's SIGTERM goes to the whole process group, so a worker leaves it; torch ends its workers
    one by one, and they end by themselves when the engine is gone.
    """
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
