"""How far a run has come: all that is not a tensor, and survives a restart."""

import dataclasses
import json
import logging
import math

from codekiln.core.training.early_stopping import Standing

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Epoch:
    """One finished epoch, counted from 1; losses are means over targets, in nats."""

    epoch: int
    step: int
    training_loss: float
    validation_loss: float


@dataclasses.dataclass(kw_only=True, slots=True)
class State:
    """The history of a run; the lists have one entry a step."""

    fingerprint: str
    losses: list[float] = dataclasses.field(default_factory=list)
    gradient_norms: list[float] = dataclasses.field(default_factory=list)
    """Before clipping."""
    learning_rates: list[float] = dataclasses.field(default_factory=list)
    targets: list[int] = dataclasses.field(default_factory=list)
    epochs: list[Epoch] = dataclasses.field(default_factory=list)
    standing: Standing = dataclasses.field(default_factory=Standing)
    seconds: float = 0.0
    """Time spent so far, over all starts."""
    starts: int = 0
    peaks: dict[str, float] = dataclasses.field(default_factory=dict)
    conditions: dict[str, str] = dataclasses.field(default_factory=dict)
    """What must be the same for a restart to give the same bits."""

    def begin(self, here: dict[str, str]) -> None:
        """Count another start, under the conditions `here`; warn if the bits may now differ."""
        before = self.conditions
        changed = [f"{k} was {before[k]}, is {v}" for k, v in here.items() if before.get(k, v) != v]
        if changed:
            told = "; ".join(changed)
            logger.warning(
                "%s: the weights may differ from an unbroken run's in the last bits", told
            )
        self.conditions = here
        self.starts += 1

    @property
    def step(self) -> int:
        """Return the number of finished steps."""
        return len(self.losses)

    def mean_loss(self, first: int) -> float:
        """Return the mean training loss over all targets from step `first` on."""
        weighted = map(float.__mul__, self.losses[first:], map(float, self.targets[first:]))
        return math.fsum(weighted) / max(1, sum(self.targets[first:]))

    def to_json(self) -> str:
        """Return the state as JSON; floats come back to the last bit."""
        return json.dumps(dataclasses.asdict(self))


def from_json(text: str) -> State:
    """Read what `State.to_json` wrote."""
    told = json.loads(text)
    told["epochs"] = [Epoch(**epoch) for epoch in told["epochs"]]
    told["standing"] = Standing(**told["standing"])
    return State(**told)
