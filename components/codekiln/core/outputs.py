"""executor_output.json: how a container tells Kubeflow Pipelines its metrics and its artifacts.

Kubeflow passes the executor input as JSON (`--executor-input {{$}}`); its schema is ExecutorInput
of the pipeline specification (kubeflow/pipelines, api/v2alpha1/pipeline_spec.proto).
"""

import json
from pathlib import Path
from typing import Any

from codekiln.core.manifest import write_json

METRICS = "system.Metrics"
FAILURE = "failure.json"


class Executor:
    """The executor input of one task; an empty text is a phase that runs outside a pipeline."""

    def __init__(self, executor_input: str = "") -> None:
        """Read the JSON that Kubeflow passed."""
        told: dict[str, Any] = json.loads(executor_input or "{}")
        self._outputs: dict[str, Any] = told.get("outputs", {})

    @property
    def folder(self) -> Path | None:
        """Return the folder of the task, or None outside a pipeline."""
        file = self._outputs.get("outputFile")
        return Path(file).parent if file else None

    def succeed(self, metrics: dict[str, float], metadata: dict[str, object]) -> None:
        """Write executor_output.json: `metrics` into Metrics artifacts, `metadata` onto others."""
        file = self._outputs.get("outputFile")
        if not file:
            return
        artifacts = {
            name: {"artifacts": [_told(listed["artifacts"][0], metrics, metadata)]}
            for name, listed in self._outputs.get("artifacts", {}).items()
        }
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        write_json(Path(file), {"artifacts": artifacts})

    def fail(self, phase: str, error: str, exit_code: int) -> None:
        """Leave a record of the failure in the folder of the task, for the report."""
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            record = {"phase": phase, "error": error, "exit_code": exit_code}
            write_json(self.folder / FAILURE, record)


def _told(
    artifact: dict[str, Any], metrics: dict[str, float], metadata: dict[str, object]
) -> dict[str, Any]:
    """Return `artifact` with its metadata."""
    is_metrics = artifact.get("type", {}).get("schemaTitle") == METRICS
    return {**artifact, "metadata": metrics if is_metrics else metadata}
