"""How fast the engine trains a GPT-2, held against the transformers Trainer; prints a ratio.

    python bench/train_model.py --size tiny --rounds 5

Same shape, window, batch, precision, optimizer and data. The Trainer trains transformers' own
model, with all that its configuration can do for speed: the fused GELU, and attention without
dropout. Rounds alternate, and the ratio is taken within each round, for a machine that is also used
for something else changes between rounds; what others took is printed, and rounds without them are
summed up by themselves. Compiling is counted apart.
"""

import argparse
import copy
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import psutil
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

QUIET = 0.1
"""A round is quiet if other programs took less than so many CPUs; the loader processes are ours,
but so little that they do not show."""


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
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--compile", choices=["auto", "on", "off"], default="auto")
    parser.add_argument("--precision", choices=["auto", "bf16", "fp32"], default="auto")
    parser.add_argument("--trainer-compile", action="store_true", help="compile the Trainer too")
    return parser.parse_args()


def model_of(args: argparse.Namespace) -> GPT2:
    """Make the model that our side trains."""
    torch.manual_seed(42)
    vocabulary = Vocabulary(size=args.vocab_size, end_id=0, pad_id=1)
    return gpt2.from_scratch(args.size, args.window, vocabulary, args.dropout)


def their_model_of(args: argparse.Namespace) -> GPT2LMHeadModel:
    """Make the same model as transformers has it; ours is changed where it computes."""
    config = copy.deepcopy(model_of(args).network.config)
    config.activation_function = "gelu_pytorch_tanh"
    torch.manual_seed(42)
    return GPT2LMHeadModel(config)


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


@dataclasses.dataclass(frozen=True)
class Round:
    """Median seconds of a step of both sides, and the CPUs that other programs took meanwhile."""

    ours: float
    theirs: float
    others: float

    @property
    def ratio(self) -> float:
        """Return how many times as fast ours is."""
        return self.theirs / self.ours


def busy_seconds() -> float:
    """Return the CPU seconds that the whole machine has worked, less those of this program."""
    machine, own = psutil.cpu_times(), psutil.Process().cpu_times()
    all_of_it = sum(machine) - machine.idle - getattr(machine, "iowait", 0.0)
    return float(all_of_it - own.user - own.system)


def timed_round(
    number: int, ours: Callable[[], list[float]], theirs: Callable[[], list[float]]
) -> Round:
    """Time both sides, the one first in even rounds and the other in odd ones."""
    started, before = time.perf_counter(), busy_seconds()
    if number % 2:
        their_seconds, our_seconds = theirs(), ours()
    else:
        our_seconds, their_seconds = ours(), theirs()
    others = (busy_seconds() - before) / (time.perf_counter() - started)
    return Round(statistics.median(our_seconds), statistics.median(their_seconds), others)


def main() -> None:
    """Time both sides in turn, then print the median of the ratios of the rounds."""
    args = told()
    rows = rows_of(args)
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(args, rows, Path(folder))
        engine.prepare()
        bf16 = engine.dtype == torch.bfloat16
        network = their_model_of(args)
        steps = engine.steps_left()
        our_round(engine, steps, 1)
        rounds = []
        for number in range(args.rounds):
            made = timed_round(
                number,
                lambda: our_round(engine, steps, args.steps),
                lambda: their_round(args, network, rows, bf16),
            )
            rounds.append(made)
            tell(args, [made], f"round {number + 1}")
    compiled = f"{engine.compile_seconds:.0f} s to compile" if engine.compile_seconds else "eager"
    print(f"{args.size}, {args.batch} x {args.window}, {args.vocab_size} ids, {engine.dtype}")
    print(f"engine {compiled}, {engine.job.machine.name}, {torch.get_num_threads()} threads")
    tell(args, rounds, "all rounds, medians")
    quiet = [made for made in rounds if made.others < QUIET]
    if quiet:
        tell(args, quiet, f"{len(quiet)} quiet rounds, medians")


def tell(args: argparse.Namespace, rounds: list[Round], label: str) -> None:
    """Print the speeds of `rounds` and the median of their ratios, each taken within a round."""
    tokens = args.batch * args.window
    ours = tokens / statistics.median(made.ours for made in rounds)
    theirs = tokens / statistics.median(made.theirs for made in rounds)
    ratio = statistics.median(made.ratio for made in rounds)
    others = statistics.median(made.others for made in rounds)
    print(
        f"{label}: engine {ours:,.0f} tokens/s, Trainer {theirs:,.0f} tokens/s, "
        f"ratio {ratio:.2f}, others took {others:.2f} CPUs",
        flush=True,
    )


if __name__ == "__main__":
    main()
