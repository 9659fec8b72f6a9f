"""What the plan_training phase may be told."""

from pydantic import Field

from codekiln.core.settings import Input, Output, Section
from codekiln.core.training.settings import EpochCalculation, HardwareMonitoring, Training


class Settings(Section):
    """Count the sequences, then plan epochs, steps, warmup, hours and cost."""

    tokens: Input = Field(description="folder that the tokenize phase wrote")
    plan: Output = Field(description="folder to write plan.json into")
    gpu_memory_gb: float | None = Field(
        None, ge=0, description="GiB of the GPU that will train, 0 for a CPU; empty: look here"
    )
    seconds_per_step: float = Field(1.5, gt=0, description="seconds that one step takes")
    dollars_per_hour: float = Field(0.0, ge=0, description="price of an hour of training")
    training: Training = Training()
    epoch_calculation: EpochCalculation = EpochCalculation()
    hardware_monitoring: HardwareMonitoring = HardwareMonitoring()
