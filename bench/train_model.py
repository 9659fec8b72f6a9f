"""How fast the engine trains a GPT-2, held against the transformers Trainer; prints a ratio.

    python bench/train_model.py --size tiny --rounds 5

Same shape, window, batch, precision, optimizer and data; rounds alternate, so that a machine that
is also used for something else slows both; the figure of a side is the median of its steps.
Compiling is counted apart.
"""

import argparse
import dataclasses
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
from transformers import GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments

from codekiln.core.models import gpt2
from codekiln.core.models.gpt2 import GPT2, Vocabulary
from codekiln.core.tokens.windows import cut
from codekiln.core.training import hardware, plan
from codekiln.core.training.checkpoint import LocalStore
from codekiln.core.training.engine import Engine, Job
from codekiln.core.training.interrupt import Interruption
from codekiln.core.training.monitor import Monitor
from codekiln.core.training.settings import EpochCalculation, HardwareMonitoring, Training
from codekiln.train_model.batches import Collate, Rows

RATE = 5e-5


class Stopwatch(TrainerCallback):  # type: ignore[misc]  # transformers ships no types
    """Notes when each step of the Trainer ends."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Note the time."""
        self.ends.append(time.perf_counter())


@dataclasses.dataclass(frozen=True)
class TheirRows(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """The same windows in the Trainer's form: labels equal ids, which the model shifts."""

    rows: Rows

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Return one window."""
        ids = torch.from_numpy(self.rows[index].ids)
        return {"input_ids": ids, "labels": ids}


def told() -> argparse.Namespace:
    """Read the flags."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=list(gpt2.SHAPES), default="tiny")
    parser.add_argument("--window", type=int, default=2048)
    parser.add_argument("--vocab-size", type=int, default=16_384)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--steps", type=int, default=4, help="timed steps a round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--compile", choices=["auto", "on", "off"], default="auto")
    parser.add_argument("--precision", choices=["auto", "bf16", "fp32"], default="auto")
    parser.add_argument("--trainer-compile", action="store_true", help="compile the Trainer too")
    return parser.parse_args()


def model_of(args: argparse.Namespace) -> GPT2:
    """Make the model that both sides train."""
    torch.manual_seed(42)
    vocabulary = Vocabulary(size=args.vocab_size, end_id=0, pad_id=1)
    return gpt2.from_scratch(args.size, args.window, vocabulary, args.dropout)


def rows_of(args: argparse.Namespace) -> Rows:
    """Make windows of random ids."""
    count = args.batch * (args.steps + 1) * (args.rounds + 1) * args.window
    ids = np.random.default_rng(42).integers(2, args.vocab_size, count).astype("<u4")
    return Rows(ids, cut(len(ids), args.window, 0), each_token_once=False)


def engine_of(args: argparse.Namespace, rows: Rows, folder: Path) -> Engine:
    """Make our side, as train_model does; a day's run, so that auto compiles where it can."""
    training = Training(compile=args.compile, precision=args.precision, workers=1)
    counts = plan.Counts(sequences=len(rows) + 1, unique_tokens=1, total_tokens=1)
    made = plan.plan_run(counts, training, EpochCalculation(), args.batch)
    machine = hardware.detect()
    torch.set_num_threads(machine.cpus)
    job = Job(
        model=model_of(args),
        training_rows=rows,
        validation_rows=rows,
        collate=Collate(rows=args.batch, window=args.window, pad_id=1),
        window=args.window,
        plan=dataclasses.replace(made, total_steps=100_000, warmup_steps=0, learning_rate=RATE),
        training=training,
        monitoring=HardwareMonitoring(),
        machine=machine,
        store=LocalStore(folder),
        fingerprint="bench",
        monitor=Monitor({}, 10.0),
    )
    return Engine(job, Interruption())


def our_round(engine: Engine, steps: Any, count: int) -> list[float]:
    """Return the seconds of each of `count` steps."""
    engine.model.train()
    ends = []
    for _ in range(count + 1):
        engine.step(next(steps))
        ends.append(time.perf_counter())
    return np.diff(ends).tolist()


def their_round(
    args: argparse.Namespace, network: GPT2LMHeadModel, rows: Rows, bf16: bool
) -> list[float]:
    """Return the seconds of each step of the Trainer but the first."""
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=args.batch,
            max_steps=args.steps + 1,
            learning_rate=RATE,
            weight_decay=0.01,
            max_grad_norm=1.0,
            optim="adamw_torch_fused",
            bf16=bf16,
            torch_compile=args.trainer_compile,
            dataloader_num_workers=1,
            logging_strategy="no",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(),
        )
        Trainer(network, arguments, train_dataset=TheirRows(rows), callbacks=[watch]).train()
    return np.diff(watch.ends).tolist()


def main() -> None:
    """Time both sides in turn."""
    args = told()
    rows = rows_of(args)
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(args, rows, Path(folder))
        engine.prepare()
        bf16 = engine.dtype == torch.bfloat16
        network = model_of(args).network
        ours: list[float] = []
        theirs: list[float] = []
        steps = engine.steps_left()
        our_round(engine, steps, 1)
        for number in range(args.rounds):
            ours += our_round(engine, steps, args.steps)
            theirs += their_round(args, network, rows, bf16)
            tell(args, ours, theirs, f"round {number + 1}")
    compiled = f"{engine.compile_seconds:.0f} s to compile" if engine.compile_seconds else "eager"
    print(f"{args.size}, {args.batch} x {args.window}, {args.vocab_size} ids, {engine.dtype}")
    print(f"engine {compiled}, {engine.job.machine.name}, {torch.get_num_threads()} threads")
    tell(args, ours, theirs, "median")


def tell(args: argparse.Namespace, ours: list[float], theirs: list[float], label: str) -> None:
    """Print the speeds so far and their ratio."""
    tokens = args.batch * args.window
    our_speed, their_speed = (tokens / statistics.median(side) for side in (ours, theirs))
    print(
        f"{label}: engine {our_speed:,.0f} tokens/s, Trainer {their_speed:,.0f} tokens/s, "
        f"ratio {our_speed / their_speed:.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
