"""A small model with chance in it, data to learn, and a job over both."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from codekiln.core.training import plan as planning
from codekiln.core.training.checkpoint import LocalStore
from codekiln.core.training.engine import Job
from codekiln.core.training.hardware import Hardware
from codekiln.core.training.monitor import Monitor
from codekiln.core.training.settings import EpochCalculation, HardwareMonitoring, Training
from codekiln.core.training.trainable import IGNORED, Batch, Trainable

IDS, WINDOW = 11, 6


class Toy(Trainable):
    """Predicts the next id from the one before; two losses, of even and of odd ids."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.table = torch.nn.Embedding(IDS, 8)
        self.norm = torch.nn.LayerNorm(8)
        self.dropout = torch.nn.Dropout(0.2)
        self.head = torch.nn.Linear(8, IDS)

    @property
    def loss_weights(self) -> Mapping[str, float]:
        return {"even": 0.7, "odd": 0.3}

    def targets(self, batch: Batch) -> dict[str, int]:
        kept = batch["targets"][batch["targets"] != IGNORED]
        return {"even": int((kept % 2 == 0).sum()), "odd": int((kept % 2 == 1).sum())}

    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        logits = self.head(self.dropout(self.norm(self.table(batch["ids"]))))
        every = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), batch["targets"].flatten(), reduction="none"
        )
        odd = batch["targets"].flatten() % 2 == 1
        return {"even": every[~odd].sum(), "odd": every[odd].sum()}

    def flops_per_token(self) -> float:
        return 6.0 * 8 * IDS


class Sequences:
    """Ids that count up from the number of the row."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> torch.Tensor:
        return (self.numbers[index] + torch.arange(WINDOW + 1)) % IDS


def collate(rows: Sequence[torch.Tensor]) -> Batch:
    both = torch.stack(list(rows))
    return {"ids": both[:, :-1], "targets": both[:, 1:]}


MACHINE = Hardware(device="cpu", name="test", cpus=1, ram_gib=8.0, bf16=False)


def toy_job(folder: Path, **told: Any) -> Job:
    """Describe a run of 3 epochs over 10 rows; `told` replaces settings of the training."""
    training = Training(**{"workers": 0, "base_learning_rate": 0.02, "accumulation": 2, **told})
    counts = planning.Counts(sequences=12, unique_tokens=72, total_tokens=72)
    calculation = EpochCalculation(target_tokens=1, min_epochs=3)
    plan = planning.refit(
        planning.plan_run(counts, training, calculation, 2), training, 2, training_sequences=10
    )
    return Job(
        model=Toy(),
        training_rows=Sequences(range(10)),
        validation_rows=Sequences(range(10, 12)),
        collate=collate,
        window=WINDOW,
        plan=plan,
        training=training,
        monitoring=HardwareMonitoring(),
        machine=MACHINE,
        store=LocalStore(folder),
        fingerprint="f" * 64,
        monitor=Monitor({}, 10.0),
    )


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., Job]:
    """Return a maker of jobs; each call is a new start over the same checkpoints."""

    def make(name: str = "checkpoints", **told: Any) -> Job:
        return toy_job(tmp_path / name, **told)

    return make
