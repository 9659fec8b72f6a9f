"""Sections of the configuration that say how a model is trained; every default is written here."""

from typing import Literal

from pydantic import Field, model_validator

from codekiln.core.settings import Section

Precision = Literal["auto", "bf16", "fp32"]
Compile = Literal["auto", "on", "off"]
Decay = Literal["cosine", "linear"]
Method = Literal["actual", "legacy"]


class Training(Section):
    """How the weights are moved: rates, batches, stops, checkpoints."""

    base_learning_rate: float = Field(
        5e-5, gt=0, le=1, description="learning rate at a batch of 8; scaled by batch / 8"
    )
    warmup_ratio: float = Field(0.1, ge=0, le=1, description="share of all steps that warm up")
    warmup_steps_min: int = Field(100, ge=0, description="fewest warmup steps of a long run")
    warmup_steps_max: int = Field(1000, ge=0, description="most warmup steps of any run")
    schedule: Decay = Field("cosine", description="how the rate falls after the warmup")
    final_rate_ratio: float = Field(
        0.1, ge=0, le=1, description="rate at the last step, as a share of the highest"
    )
    validation_split: float = Field(
        0.1, gt=0, lt=1, description="share of the sequences held out, the newest ones"
    )
    patience: int = Field(3, ge=1, description="epochs without a better loss before stopping")
    min_delta: float = Field(
        0.0001, ge=0, description="smallest fall of the validation loss that counts as better"
    )
    weight_decay: float = Field(
        0.01, ge=0, description="AdamW weight decay; biases and norms are left out"
    )
    clip_norm: float = Field(1.0, gt=0, description="largest norm of the gradient of a step")
    seed: int = Field(42, ge=0, lt=2**32, description="seed of every generator")
    batch_size_large: int = Field(8, ge=1, description="sequences a batch on a large GPU")
    batch_size_medium: int = Field(4, ge=1, description="sequences a batch on a medium GPU")
    batch_size_small: int = Field(2, ge=1, description="sequences a batch on a small GPU")
    batch_size_cpu: int = Field(2, ge=1, description="sequences a batch without a GPU")
    accumulation: int = Field(1, ge=1, description="batches whose gradients make one step")
    precision: Precision = Field(
        "auto", description="bf16 or fp32; auto takes bf16 where the hardware computes it"
    )
    compile: Compile = Field(
        "auto", description="torch.compile; auto compiles long runs on hardware that gains by it"
    )
    workers: int | None = Field(
        None, ge=0, le=64, description="loader processes; empty: half the CPUs, at most 8"
    )
    checkpoint_minutes: float = Field(
        10.0, gt=0, description="minutes between checkpoints inside an epoch"
    )
    checkpoint_steps: int | None = Field(
        None, ge=1, description="steps between checkpoints; empty: by the minutes alone"
    )
    keep_checkpoints: int = Field(2, ge=1, description="newest checkpoints kept beside the best")

    @model_validator(mode="after")
    def warmup_bounds_agree(self) -> "Training":
        """Refuse a warmup whose least is above its most."""
        if self.warmup_steps_min > self.warmup_steps_max:
            raise ValueError(
                f"warmup_steps_min is {self.warmup_steps_min}, above warmup_steps_max "
                f"{self.warmup_steps_max}; lower the one or raise the other"
            )
        return self


class EpochCalculation(Section):
    """How often the data is read."""

    target_tokens: int = Field(20_000_000, ge=1, description="tokens trained over all epochs")
    min_epochs: int = Field(3, ge=1, description="fewest epochs, and none stops before")
    max_epochs: int = Field(10, ge=1, description="most epochs")
    method: Method = Field(
        "actual", description="actual: by tokens; legacy: by the number of sequences"
    )

    @model_validator(mode="after")
    def epoch_bounds_agree(self) -> "EpochCalculation":
        """Refuse bounds that leave no number of epochs."""
        if self.min_epochs > self.max_epochs:
            raise ValueError(
                f"min_epochs is {self.min_epochs}, above max_epochs {self.max_epochs}; "
                "lower the one or raise the other"
            )
        return self


class HardwareMonitoring(Section):
    """What is measured beside the training, and what counts as a large GPU."""

    collection_interval_seconds: float = Field(
        10.0, gt=0, description="seconds between two samples of the sensors"
    )
    gpu_memory_threshold_large_gb: float = Field(
        8.0, gt=0, description="GiB of GPU memory from which the large batch is taken"
    )
    gpu_memory_threshold_medium_gb: float = Field(
        4.0, gt=0, description="GiB of GPU memory from which the medium batch is taken"
    )

    @model_validator(mode="after")
    def thresholds_agree(self) -> "HardwareMonitoring":
        """Refuse a medium threshold above the large one."""
        if self.gpu_memory_threshold_medium_gb > self.gpu_memory_threshold_large_gb:
            raise ValueError(
                f"gpu_memory_threshold_medium_gb is {self.gpu_memory_threshold_medium_gb}, above "
                f"gpu_memory_threshold_large_gb {self.gpu_memory_threshold_large_gb}; swap them"
            )
        return self
