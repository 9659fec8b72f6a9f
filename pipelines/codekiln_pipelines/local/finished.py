"""Which steps an earlier process finished: they are not done again.

step.json holds a digest of what decides the outcome of a step: its command, what its inputs hold,
and the sections that its phase reads. Where the run lies is no part of it, nor where checkpoints
are kept: a run may be moved, and fetched onto another machine.
"""

import json
from pathlib import Path
from typing import Any

from codekiln.core import digest, manifest
from codekiln.core.errors import InputError
from codekiln_pipelines.local import told
from codekiln_pipelines.local.step import STEP, Step
from codekiln_pipelines.recipes import CONFIG

RUN = "RUN"
"""What stands for the folder of the run in a digest."""


def digest_of(step: Step) -> str:
    """Return what makes two runs of a step the same."""
    folders = [Path(uri) for uri in told.artifacts(step)]
    contents = {str(folder): manifest.read(folder).digest for folder in folders}
    # The executor input is a protobuf map as JSON: its keys come in any order.
    plain = [word for word in step.command if not word.startswith("{")]
    inputs = {**step.executor_input.get("inputs", {}), "parameterValues": deciding(step)}
    executor_input = {**step.executor_input, "inputs": inputs}
    text = json.dumps([plain, executor_input, contents], sort_keys=True, default=str)
    return digest.of_json(text.replace(json.dumps(str(step.run))[1:-1], RUN))


def deciding(step: Step) -> dict[str, Any]:
    """Return the parameters of `step`, of the sections those alone that decide what comes out."""
    values = step.told
    if CONFIG not in values:
        return values
    read = told.sections(step.phase, values[CONFIG])
    where = told.places_of(step.phase)
    own = {key: value for key, value in read.get(step.phase, {}).items() if key not in where}
    return {**values, CONFIG: {**read, step.phase: own}}


def is_done(step: Step) -> bool:
    """Say whether an earlier process finished this very step."""
    try:
        record = json.loads((step.folder / STEP).read_text(encoding="utf-8"))
        told_of = Path(step.executor_input["outputs"]["outputFile"]).is_file()
        whole = told_of and all(
            (step.folder / name / manifest.NAME).is_file() for name in record["outputs"]
        )
        return whole and record["exit_code"] == 0 and bool(record["digest"] == digest_of(step))
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return False


def settle(step: Step) -> None:
    """Let executor_output.json of a finished step name its outputs where they are now."""
    path = Path(step.executor_input["outputs"]["outputFile"])
    told_here = step.executor_input["outputs"].get("artifacts", {})
    output = json.loads(path.read_text(encoding="utf-8"))
    before = json.dumps(output)
    for name, listed in output.get("artifacts", {}).items():
        listed["artifacts"][0]["uri"] = told_here[name]["artifacts"][0]["uri"]
    if json.dumps(output) != before:
        manifest.write_json(path, output)
