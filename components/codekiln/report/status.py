"""How Kubeflow says that a pipeline ended: PipelineTaskFinalStatus as JSON.

A cluster writes its keys in camel case, kfp.local in snake case (kfp 2.17); `state` and `error`
are the same in both.
"""

import dataclasses
import json

FAILED_STATES = ("FAILED", "CANCELLED")


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How the steps before the report ended; all empty where nothing was told."""

    state: str = ""
    message: str = ""

    @property
    def is_failure(self) -> bool:
        """Say whether the pipeline failed or was stopped."""
        return self.state in FAILED_STATES


def read(text: str) -> Ending:
    """Read what Kubeflow passed; what cannot be read counts as not told."""
    try:
        told = json.loads(text or "{}")
    except ValueError:
        return Ending()
    if not isinstance(told, dict):
        return Ending()
    error = told.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    return Ending(state=str(told.get("state") or "").upper(), message=str(message or ""))
