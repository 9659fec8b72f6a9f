"""Whether a run is compiled: decided from the whole run, so that a restart decides the same."""

import logging
import shutil
import time
from collections.abc import Callable

import torch

from codekiln.core.training.hardware import Hardware
from codekiln.core.training.plan import Plan
from codekiln.core.training.settings import Training
from codekiln.core.training.trainable import Batch, Trainable

logger = logging.getLogger(__name__)

Losses = Callable[[Batch], dict[str, torch.Tensor]]

CPU_FLOPS = 50e9
"""What one core does a second, roughly; turns the work of a run into its seconds."""
GPU_FLOPS = 100e12

WORTH_S = 600.0
"""A run predicted to be shorter does not win back what compiling costs (about a minute)."""

COMPILERS = ("c++", "g++", "clang++")
"""A CPU needs one of them, and bf16: in float32 compiled code took 1.3 times as long (AVX2)."""


def wanted(
    model: Trainable, plan: Plan, training: Training, hardware: Hardware, window: int
) -> bool:
    """Say whether to compile; `window` is the length of a sequence in tokens."""
    if training.compile != "auto":
        return training.compile == "on"
    if hardware.device == "cpu" and not (hardware.bf16 and any(map(shutil.which, COMPILERS))):
        return False
    tokens = plan.total_steps * plan.batch_size * plan.accumulation * window
    speed = CPU_FLOPS * hardware.cpus if hardware.device == "cpu" else GPU_FLOPS
    return tokens * model.flops_per_token() / speed >= WORTH_S


def compiled(model: Trainable, try_out: Callable[[Losses], None]) -> tuple[Losses, float]:
    """Compile `model` and try it; return what to call and the seconds that it took.

    Where the compiler fails the model runs as it is, and one line says so.
    """
    # These load the compiler, which takes seconds that an eager run need not wait.
    from torch._dynamo.exc import TorchDynamoException
    from torch._inductor.exc import InductorError

    started = time.monotonic()
    losses: Losses = torch.compile(model)
    try:
        try_out(losses)
    except (TorchDynamoException, InductorError) as error:
        logger.warning("not compiled, running eagerly: %s", str(error).strip().splitlines()[0])
        torch.compiler.reset()
        return model, 0.0
    seconds = time.monotonic() - started
    logger.info("compiled in %.0f s", seconds)
    return losses, seconds
