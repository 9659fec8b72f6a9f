"""executor_output.json: how a container tells Kubeflow Pipelines its metrics and its artifacts.

Kubeflow passes the executor input as JSON (`--executor-input {{$}}`); its schema is ExecutorInput
of the pipeline specification (kubeflow/pipelines, api/v2alpha1/pipeline_spec.proto).
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

from codekiln.core.manifest import write_json

METRICS = "system.Metrics"
LEVELS = 3
"""Names from an output up to its run: RUN/TASK/SALT/NAME on a cluster (provisionOutputs in
kubeflow/pipelines, backend/src/v2/driver/driver.go), RUN/steps/TASK/NAME under kfp.local."""
FAILURE = "failure.json"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """What a step that failed leaves for the report of its run."""

    phase: str
    error: str
    exit_code: int
    time: str = ""
    """When it failed, ISO 8601 in UTC."""
    log: list[str] = dataclasses.field(default_factory=list)
    """The last lines that it said."""
    seconds: float = 0.0
    """How long it had worked."""
    settings: dict[str, Any] = dataclasses.field(default_factory=dict)
    """What it was told; empty where that could not be read."""
    settings_digest: str = ""


class Executor:
    """The executor input of one task; an empty text is a phase that runs outside a pipeline."""

    def __init__(self, executor_input: str = "") -> None:
        """Read the JSON that Kubeflow passed."""
        told: dict[str, Any] = json.loads(executor_input or "{}")
        self._outputs: dict[str, Any] = told.get("outputs", {})
        self._artifacts: dict[str, Any] = self._outputs.get("artifacts", {})

    @property
    def folder(self) -> Path | None:
        """Return the folder of the task, or None outside a pipeline."""
        file = self._outputs.get("outputFile")
        return Path(file).parent if file else None

    @property
    def place(self) -> str:
        """Return the URI under which the outputs of the task lie; empty outside a pipeline."""
        uris = [listed["artifacts"][0]["uri"] for listed in self._artifacts.values()]
        return str(uris[0]).rpartition("/")[0] if uris else ""

    @property
    def run_root(self) -> str:
        """Return the URI of the run that the task belongs to; empty outside a pipeline."""
        parts = self.place.rsplit("/", LEVELS - 1)
        return parts[0] if len(parts) == LEVELS else ""

    def succeed(self, metrics: dict[str, float], metadata: dict[str, object]) -> None:
        """Write executor_output.json: `metrics` into Metrics artifacts, `metadata` onto others."""
        file = self._outputs.get("outputFile")
        if not file:
            return
        artifacts = {
            name: {"artifacts": [_told(listed["artifacts"][0], metrics, metadata)]}
            for name, listed in self._artifacts.items()
        }
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        write_json(Path(file), {"artifacts": artifacts})

    def fail(self, failure: Failure) -> None:
        """Leave a record of `failure` in the folder of the task."""
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_json(self.folder / FAILURE, dataclasses.asdict(failure))


def _told(
    artifact: dict[str, Any], metrics: dict[str, float], metadata: dict[str, object]
) -> dict[str, Any]:
    """Return `artifact` with its metadata."""
    is_metrics = artifact.get("type", {}).get("schemaTitle") == METRICS
    return {**artifact, "metadata": metrics if is_metrics else metadata}
