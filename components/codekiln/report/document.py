"""MANIFEST_DYNAMIC.json: what a run did, for programs; written for failed runs too."""

import math
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from codekiln.core import digest
from codekiln.core.page import words
from codekiln.report.advice import advice_on
from codekiln.report.phases import FAILED, Phase, Times
from codekiln.report.run import Run

NAME = "MANIFEST_DYNAMIC.json"
SCHEMA = 1
TRAINING = "train_model"


def compose(run: Run, times: Times) -> dict[str, Any]:
    """Return the document; its keys stand in every run, empty where there was nothing to tell."""
    failed = next((phase for phase in run.phases if phase.status == FAILED), None)
    document = {
        "schema": SCHEMA,
        "execution_timestamp": times.started,
        "total_execution_time_seconds": times.seconds,
        "status": run.state,
        "failed_phase": failed.name if failed else None,
        "failure": told_of(failed),
        "repository": words.public(run.repository),
        "repository_stats": run.repository_stats,
        "training_parameters": training_parameters(run),
        "phase_results": {phase.name: result(phase) for phase in run.phases},
        "training_report": run.training_document,
        "configuration_digest": configuration_digest(run.phases),
        "input_digests": {p.name: dict(p.last.manifest.inputs) for p in run.phases if p.last},
        "versions": versions(run.phases),
        "notes": run.notes,
    }
    return {key: finite(value) for key, value in document.items()}


def finite(value: Any) -> Any:
    """Return `value` with None for what is no number: JSON has neither infinity nor NaN."""
    if isinstance(value, dict):
        return {str(key): finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def told_of(failed: Phase | None) -> Mapping[str, Any] | None:
    """Say why a phase failed and what to do; by the rule of the house its error does both."""
    if not failed or not failed.failure:
        return None
    failure = failed.failure
    return {
        "error": failure.error,
        "remedy": advice_on(failed),
        "exit_code": failure.exit_code,
        "log": failure.log_location,
        "last_lines": list(failure.log),
    }


def result(phase: Phase) -> dict[str, Any]:
    """Return what H13 promises of one phase."""
    return {
        "status": phase.status,
        "output": [output.location for output in phase.outputs],
        "size": phase.size,
        "counts": phase.counts,
        "metrics": phase.last.manifest.metrics if phase.last else {},
        "seconds": phase.seconds,
        "digest": {output.folder: output.manifest.digest for output in phase.outputs},
        "error": phase.failure.error if phase.failure else None,
    }


def training_parameters(run: Run) -> dict[str, Any]:
    """Return the plan, and the settings that the training was given."""
    given = next((phase.settings for phase in run.phases if phase.name == TRAINING), {})
    return {"plan": run.plan, "settings": given}


def configuration_digest(phases: Sequence[Phase]) -> str:
    """Return one digest over what the phases that began were told, folders left out."""
    return digest.of_json({p.name: p.settings_digest for p in phases if p.settings_digest})


def versions(phases: Sequence[Phase]) -> dict[str, Any]:
    """Return which codekiln each phase was, and the Python that wrote this."""
    told = {phase.name: phase.last.manifest.version for phase in phases if phase.last}
    return {"codekiln": told, "python": platform.python_version()}
