"""What the train_model phase may be told."""

from typing import Annotated, Literal

from pydantic import Field

from codekiln.core.settings import Input, InRun, OptionalPath, Output, Section
from codekiln.core.training.settings import HardwareMonitoring, Training


class Settings(Section):
    """Train a GPT-2 on a token folder, as its plan says; goes on from its checkpoints by itself."""

    tokens: Input = Field(description="folder that the tokenize phase wrote")
    plan: Input = Field(description="folder that the plan_training phase wrote")
    model: Output = Field(description="folder to write the model into")
    checkpoints: Annotated[str, InRun("checkpoints")] = Field(
        "", description="folder or s3:// URI that outlives this process; empty: that of the run"
    )
    curves: Annotated[OptionalPath, InRun("curves.html")] = Field(
        None, description="file to write the training curves into as a page"
    )
    size: Literal["tiny", "small", "medium"] = Field(
        "medium",
        description="GPT-2 from scratch: 1, 85 or 302 M parameters, and a row of its width for "
        "each token and position: medium has 321 M with 16,384 tokens, 356 M with GPT-2's 50,257",
    )
    pretrained: OptionalPath = Field(
        None, description="GPT-2 folder to start from instead of random weights"
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="share of activations dropped in training")
    samples: int = Field(3, ge=0, le=100, description="texts that the trained model writes")
    sample_tokens: int = Field(128, ge=1, le=4096, description="longest text it writes, in tokens")
    temperature: float = Field(0.8, gt=0, le=5, description="how freely it writes; 1 is as trained")
    training: Training = Training()
    hardware_monitoring: HardwareMonitoring = HardwareMonitoring()
