"""One step of a local run, from its start to its end: carried out by a worker, its log kept.

All that is the same for processes and containers stands here. A finished step leaves step.json, see
finished.py; one that failed leaves failure.json.
"""

import dataclasses
import json
import re
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from codekiln.core import manifest, outputs, progress
from codekiln_pipelines.local.finished import digest_of
from codekiln_pipelines.local.step import (
    STEP,
    Ending,
    Listener,
    NotStartedError,
    Result,
    Step,
    Work,
    Worker,
    outputs_of,
)

GRACE_S = 120.0
"""How long an interrupted step may take to save what it has."""


def run(step: Step, listen: Listener, worker: Worker) -> Result:
    """Let `worker` carry `step` to its end, its lines into its log and to `listen`."""
    step.folder.mkdir(parents=True, exist_ok=True)
    for stale in (STEP, outputs.FAILURE):
        (step.folder / stale).unlink(missing_ok=True)
    begun = time.monotonic()
    with step.log.open("a", encoding="utf-8") as log:
        try:
            with worker.work(step) as work:
                ending = _follow(work, log, listen)
        except NotStartedError as error:
            log.write(f"{error}\n")
            ending = error.ending
    result = Result(
        digest="" if ending.exit_code else digest_of(step),
        outputs=list(outputs_of(step)),
        exit_code=ending.exit_code,
        seconds=round(time.monotonic() - begun, 3),
        cpu_seconds=ending.cpu_seconds,
        max_rss_mib=ending.max_rss_mib,
        image=ending.image,
    )
    _record(step, result, ending.reason)
    return result


def _follow(work: Work, log: IO[str], listen: Listener) -> Ending:
    """Pass on each line until the step ends; say how it ended."""
    try:
        for line in work.process.stdout or ():
            if not line.startswith(progress.MARK):
                log.write(line)
                log.flush()
            listen(line.rstrip("\n"))
        return work.ending()
    except BaseException:
        # Ctrl-C or a full disk: the step saves what it has, then the caller hears of it.
        log.write(_stop(work))
        raise


def _stop(work: Work) -> str:
    """Ask a step to stop, give it GRACE_S to save, and return what it said until it went."""
    try:
        work.ask_to_stop()
        said, _ = work.process.communicate(timeout=GRACE_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        work.kill()
        said, _ = work.process.communicate()
    lines = (said or "").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(progress.MARK))


def _record(step: Step, result: Result, why: str) -> None:
    """Write step.json; where the step died without a word, write its failure too."""
    manifest.write_json(step.folder / STEP, dataclasses.asdict(result))
    failure = step.folder / outputs.FAILURE
    if result.exit_code and not failure.exists():
        error = why or reason(step, result.exit_code)
        told = outputs.Failure(
            phase=step.phase,
            error=error,
            exit_code=result.exit_code,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=result.seconds,
        )
        manifest.write_json(failure, dataclasses.asdict(told))


def reason(step: Step, exit_code: int) -> str:
    """Say why a step ended with `exit_code` and no word of its own."""
    if exit_code == -signal.SIGKILL:
        return "killed (SIGKILL): out of memory, most likely; give it less to do or more memory"
    if exit_code < 0:
        return f"ended by {signal.Signals(-exit_code).name}"
    said = [line for line in tail(step.log, 40) if line.strip()]
    faults = [line for line in said if re.match(r"\w*(Error|Exception)\b", line)]
    last = faults[-1:] or said[-1:]
    return last[0] if last else f"ended with exit code {exit_code}"


def tail(path: Path, lines: int) -> list[str]:
    """Return the last `lines` lines of `path`."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        return []


def failure_of(folder: Path) -> str:
    """Return what failure.json of a step says, or nothing."""
    try:
        told = json.loads((folder / outputs.FAILURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(told.get("error", ""))
