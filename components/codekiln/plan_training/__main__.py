"""Container entry: `python -m codekiln.plan_training --tokens DIR --plan DIR`."""

import logging

from codekiln.core import program
from codekiln.core.program import Done
from codekiln.core.tokens.folder import TokenInfo, read_info
from codekiln.core.training import gpu, plan
from codekiln.plan_training.settings import Settings

logger = logging.getLogger(__name__)


def plan_training(settings: Settings) -> Done:
    """Read the counts, choose the batch for the hardware, write the plan."""
    info = read_info(settings.tokens)
    batch = plan.batch_size(memory(settings), settings.training, settings.hardware_monitoring)
    price = plan.Price(
        seconds_per_step=settings.seconds_per_step, dollars_per_hour=settings.dollars_per_hour
    )
    made = plan.plan_run(
        counts_of(info), settings.training, settings.epoch_calculation, batch, price
    )
    plan.write(settings.plan, made)
    cost = f"{made.predicted_cost:.2f} dollars" if settings.dollars_per_hour else "no price set"
    logger.info(
        "plan: %d %s of %d steps, %.1f hours, %s",
        made.epochs, "epoch" if made.epochs == 1 else "epochs", made.steps_per_epoch,
        made.predicted_hours, cost,
    )  # fmt: skip
    return Done(
        counts={"sequences": made.sequences, "epochs": made.epochs, "steps": made.total_steps},
        metrics={
            "epochs": made.epochs,
            "total_steps": made.total_steps,
            "warmup_steps": made.warmup_steps,
            "learning_rate": made.learning_rate,
            "predicted_hours": made.predicted_hours,
            "predicted_cost": made.predicted_cost,
        },
    )


def memory(settings: Settings) -> float | None:
    """Return the GiB of the GPU that will train, None for a CPU."""
    if settings.gpu_memory_gb is None:
        return gpu.memory_gib()
    return settings.gpu_memory_gb or None


def counts_of(info: TokenInfo) -> plan.Counts:
    """Count the windows of a token folder: tokens once, and with what windows share."""
    windows = info.windows
    return plan.Counts(
        sequences=len(windows),
        unique_tokens=info.tokens,
        total_tokens=sum(window.stop - window.start for window in windows),
    )


if __name__ == "__main__":
    program.run(plan_training, Settings)
