"""The loop that trains every model of the product.

It reads batches in an order that is a function of seed and epoch, steps AdamW, validates each
epoch, keeps the best weights, and writes checkpoints from which a killed run goes on to the very
same bits. A Job says what is trained, on what, and for how long.
"""

import dataclasses
import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

from codekiln.core import progress
from codekiln.core.errors import InputError
from codekiln.core.training import (
    checkpoint,
    compilation,
    early_stopping,
    generators,
    hardware,
    optimizer,
    sampler,
    schedule,
    state,
)
from codekiln.core.training.interrupt import Interruption
from codekiln.core.training.monitor import Monitor, Sample, highest
from codekiln.core.training.passes import Passes
from codekiln.core.training.plan import Plan
from codekiln.core.training.settings import HardwareMonitoring, Training
from codekiln.core.training.trainable import Batch, Trainable, load_weights, weights_of

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """One run: a model, its data, its plan, and where its checkpoints go."""

    model: Trainable
    training_rows: sampler.Rows
    validation_rows: sampler.Rows
    collate: sampler.Collate
    window: int
    """Tokens a row."""
    plan: Plan
    training: Training
    monitoring: HardwareMonitoring
    machine: hardware.Hardware
    store: checkpoint.Store
    fingerprint: str
    """What makes two runs the same; a checkpoint of another one is refused."""
    monitor: Monitor
    clock: Callable[[], float] = time.monotonic


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a finished run has to tell; the model of its Job holds the best weights."""

    state: state.State
    reason: early_stopping.Reason
    samples: list[Sample]
    precision: str
    compiled: bool
    compile_seconds: float


def train(job: Job) -> Outcome:
    """Train the model of `job`, from its newest checkpoint if there is one.

    Raises InputError on a loss that is no number, on a full disk or memory; ServiceError or
    CanceledError when it was told to stop, with a checkpoint saved.
    """
    threads = job.machine.cpus if job.machine.device == "cpu" else None
    with generators.repeatable(threads), Interruption() as interruption, job.monitor:
        engine = Engine(job, interruption)
        try:
            reason = engine.run()
        except RuntimeError as error:
            if hardware.is_out_of_memory(error):
                advice = hardware.out_of_memory(job.machine, job.plan.batch_size, job.monitoring)
                raise InputError(advice) from error
            raise
    load_weights(job.model, checkpoint.load_best(job.store, engine.state.standing.best_step))
    engine.state.peaks = highest(engine.state.peaks, job.monitor.peaks)
    return Outcome(
        state=engine.state,
        reason=reason,
        samples=job.monitor.samples,
        precision=str(engine.dtype).removeprefix("torch."),
        compiled=engine.compile_seconds > 0,
        compile_seconds=engine.compile_seconds,
    )


class Engine:
    """The moving parts of one run."""

    def __init__(self, job: Job, interruption: Interruption) -> None:
        """Seed everything, then bring back the newest checkpoint."""
        self.job, self.plan = job, job.plan
        self.interruption = interruption
        self.device = torch.device(job.machine.device)
        self.dtype = hardware.dtype(job.machine, job.training)
        self.model = job.model.to(self.device)
        self.passes = Passes(self.model, self.device, self.dtype)
        self.compile_seconds = 0.0
        generators.seed_all(job.training.seed)
        self.trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = optimizer.adamw(self.model, job.training)
        self.state = state.State(fingerprint=job.fingerprint)
        self.started = self.saved_at = job.clock()
        self.resume()
        self.spent_before = self.state.seconds

    # --- the story ---

    def run(self) -> early_stopping.Reason:
        """Train epoch after epoch; return why it ended."""
        if not self.reason():
            self.prepare()
        with progress.track("train", self.plan.total_steps, "steps") as report:
            while not (reason := self.reason()):
                self.train_epoch(report)
                self.finish_epoch()
                self.heed()
        return reason

    def reason(self) -> early_stopping.Reason | None:
        """Say why the run is over, or None."""
        return early_stopping.reason_to_stop(
            self.state.standing,
            len(self.state.epochs),
            self.plan.epochs,
            self.plan.min_epochs,
            self.job.training,
        )

    def train_epoch(self, report: progress.Report) -> None:
        """Step through what is left of the epoch."""
        self.model.train()
        for batches in self.steps_left():
            self.step(batches)
            report(self.state.step, f"loss {self.state.losses[-1]:.4f}")
            self.rest()

    def finish_epoch(self) -> None:
        """Validate, keep the weights if they are the best, save."""
        epoch = len(self.state.epochs) + 1
        self.model.eval()
        rows = list(range(len(self.job.validation_rows)))
        numbers = sampler.batches(rows, self.plan.batch_size)
        held_out = self.load(self.job.validation_rows, numbers)
        loss = self.passes.mean_loss(self.interruption.heeded(held_out, self.heed))
        record = state.Epoch(
            epoch=epoch,
            step=self.state.step,
            training_loss=self.state.mean_loss((epoch - 1) * self.plan.steps_per_epoch),
            validation_loss=loss,
        )
        self.state.epochs.append(record)
        self.state.standing = early_stopping.judged(
            self.state.standing, loss, epoch, self.state.step, self.job.training.min_delta
        )
        logger.info(
            "epoch %d: training loss %.4f, validation loss %.4f", epoch, record.training_loss, loss
        )
        if self.state.standing.best_epoch == epoch:
            checkpoint.save_best(self.job.store, self.state.step, weights_of(self.model))
        self.save()

    # --- one step ---

    def steps_left(self) -> Iterator[list[Batch]]:
        """Load the batches of each step that is left of the epoch."""
        training = self.job.training
        epoch = len(self.state.epochs)
        numbers = sampler.order(len(self.job.training_rows), training.seed, epoch)
        cut = sampler.batches(numbers, self.plan.batch_size)
        done = self.state.step - epoch * self.plan.steps_per_epoch
        held: list[Batch] = []
        left = cut[done * self.plan.accumulation :]
        for number, batch in enumerate(self.load(self.job.training_rows, left), start=1):
            held.append(batch)
            if len(held) == self.plan.accumulation or number == len(left):
                yield held
                held = []

    def load(self, rows: sampler.Rows, numbers: list[list[int]]) -> Any:
        """Load batches, on as many processes as the machine has room for."""
        if not numbers:
            return []
        return sampler.loader(
            rows,
            numbers,
            self.job.collate,
            hardware.workers(self.job.machine, self.job.training),
            pin=self.device.type == "cuda",
        )

    def step(self, batches: list[Batch]) -> None:
        """Move the weights by the gradient of all `batches`."""
        rate = schedule.rate(self.state.step, self.plan, self.job.training)
        counts = self.passes.targets(batches)
        shares = [self.passes.backward(batch, counts) for batch in batches]
        clipped = torch.nn.utils.clip_grad_norm_(self.trained, self.job.training.clip_norm)
        loss, norm = float(torch.stack(shares).sum()), float(clipped)
        self.refuse_what_is_no_number(loss, norm)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.record(loss, norm, rate, sum(counts.values()))

    def refuse_what_is_no_number(self, loss: float, norm: float) -> None:
        """Raise InputError before a broken gradient reaches the weights."""
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise InputError(
                f"step {self.state.step + 1}: the loss is {loss} and the gradient norm {norm}; "
                "lower base_learning_rate, lengthen the warmup, or set precision to fp32"
            )

    def record(self, loss: float, norm: float, rate: float, targets: int) -> None:
        """Note one finished step."""
        self.state.losses.append(loss)
        self.state.gradient_norms.append(norm)
        self.state.learning_rates.append(rate)
        self.state.targets.append(targets)

    # --- before and between steps ---

    def prepare(self) -> None:
        """Compile, if the run is long enough; a trial leaves no trace in the generators."""
        job = self.job
        if compilation.wanted(self.model, self.plan, job.training, job.machine, job.window):
            before = generators.capture()
            losses, self.compile_seconds = compilation.compiled(self.model, self.try_out)
            self.passes.losses = losses
            self.model.zero_grad(set_to_none=True)
            generators.restore(before)

    def try_out(self, losses: compilation.Losses) -> None:
        """Run one batch forward and back through `losses`."""
        self.model.train()
        batch = self.job.collate([self.job.training_rows[0]])
        self.passes.losses = losses
        self.passes.backward(batch, self.passes.targets([batch]))

    def rest(self) -> None:
        """Save when it is time, and end when told to."""
        self.heed()
        every = self.job.training.checkpoint_steps
        due = bool(every) and self.state.step % (every or 1) == 0
        waited = self.job.clock() - self.saved_at
        if due or waited >= self.job.training.checkpoint_minutes * 60:
            self.save()

    def heed(self) -> None:
        """End when told to, with every step saved."""
        if self.interruption.signal:
            self.save()
            raise self.interruption.error(self.state.step)

    def save(self) -> None:
        """Write a checkpoint and remove those that are no longer needed."""
        now = self.job.clock()
        self.state.seconds = self.spent_before + now - self.started
        self.state.peaks = highest(self.state.peaks, self.job.monitor.peaks)
        tensors = optimizer.moments(self.optimizer) | generators.capture()
        whole = checkpoint.Checkpoint(
            weights=weights_of(self.model), optimizer=tensors, state=self.state.to_json()
        )
        checkpoint.save(self.job.store, self.state.step, whole)
        checkpoint.prune(self.job.store, self.job.training.keep_checkpoints)
        self.saved_at = self.job.clock()

    def resume(self) -> None:
        """Go back to the newest checkpoint, if there is one."""
        found = checkpoint.latest(self.job.store)
        if found:
            self.state = state.from_json(found.state)
            self.refuse_a_stranger()
            load_weights(self.model, found.weights)
            optimizer.load_moments(self.optimizer, found.optimizer)
            generators.restore(found.optimizer)
            logger.info("resuming after step %d of %d", self.state.step, self.plan.total_steps)
        self.state.begin(hardware.conditions(self.job.machine))

    def refuse_a_stranger(self) -> None:
        """Raise InputError if the checkpoint belongs to another run."""
        if self.state.fingerprint != self.job.fingerprint:
            raise InputError(
                f"the checkpoints are of run {self.state.fingerprint[:12]}, this one is "
                f"{self.job.fingerprint[:12]}: the data or settings changed; choose another folder"
            )
