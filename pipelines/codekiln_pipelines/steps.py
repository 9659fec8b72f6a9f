"""One step of a local run: the container's command as a process of this Python, its log kept.

A finished step leaves step.json with the digest of its command and inputs; a resumed run whose
digest is the same does not do it again.
"""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from codekiln.core import digest, manifest, outputs, progress
from codekiln.core.errors import InputError

LOG = "log.txt"
STEP = "step.json"
GRACE_S = 120.0
"""How long an interrupted step may take to save what it has."""

GOOD_NEIGHBOR = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait sleep: on a machine with other work, spinning ones made training 3x slower."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """What Kubeflow's local runner asks to be run."""

    phase: str
    folder: Path
    command: Sequence[str]
    executor_input: dict[str, Any]

    @property
    def task(self) -> str:
        """Return the name of the task in the pipeline."""
        return self.folder.name

    @property
    def log(self) -> Path:
        """Return the file that keeps what the step said."""
        return self.folder / LOG


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """How a step ended."""

    digest: str
    """What digest_of said; nothing for a failed step, which is never kept."""
    outputs: list[str]
    """Its output folders, each with a manifest."""
    exit_code: int
    seconds: float
    cpu_seconds: float
    max_rss_mib: float


Listener = Callable[[str], None]
"""Called with each line that a step says."""


def step_of(command: Sequence[str]) -> Step:
    """Read the phase and the folder of a step from the command of its container."""
    executor_input = json.loads(command[command.index("--executor-input") + 1])
    folder = Path(executor_input["outputs"]["outputFile"]).parent
    phase = command[command.index("-m") + 1].removeprefix("codekiln.")
    return Step(phase=phase, folder=folder, command=command, executor_input=executor_input)


def digest_of(step: Step) -> str:
    """Return what makes two runs of a step the same: the command, and what its inputs hold."""
    inputs = step.executor_input.get("inputs", {}).get("artifacts", {})
    folders = [Path(a["uri"]) for listed in inputs.values() for a in listed["artifacts"]]
    contents = {str(folder): manifest.read(folder).digest for folder in folders}
    # The executor input is a protobuf map as JSON: its keys come in any order.
    plain = [word for word in step.command if not word.startswith("{")]
    told = {"command": plain, "executor_input": step.executor_input, "inputs": contents}
    return digest.of_json(told)


def is_done(step: Step) -> bool:
    """Say whether an earlier process finished this very step."""
    try:
        told = json.loads((step.folder / STEP).read_text(encoding="utf-8"))
        whole = all((Path(folder) / manifest.NAME).is_file() for folder in told["outputs"])
        return whole and told["exit_code"] == 0 and bool(told["digest"] == digest_of(step))
    except (OSError, ValueError, KeyError, TypeError, InputError):
        return False


def folders_of(step: Step) -> Iterator[Path]:
    """Yield the output folders of a step; metrics and pages are not folders."""
    for listed in step.executor_input["outputs"].get("artifacts", {}).values():
        path = Path(listed["artifacts"][0]["uri"])
        if path.is_dir():
            yield path


def run(step: Step, listen: Listener, lock: int) -> Result:
    """Run `step` to its end, its lines into its log and to `listen`; it inherits `lock`."""
    step.folder.mkdir(parents=True, exist_ok=True)
    for stale in (STEP, outputs.FAILURE):
        (step.folder / stale).unlink(missing_ok=True)
    begun = time.monotonic()
    with step.log.open("a", encoding="utf-8") as log, _start(step, lock) as process:
        status, usage = _follow(process, log, listen)
    exit_code = os.waitstatus_to_exitcode(status)
    result = Result(
        digest="" if exit_code else digest_of(step),
        outputs=[str(folder) for folder in folders_of(step)],
        exit_code=exit_code,
        seconds=round(time.monotonic() - begun, 3),
        cpu_seconds=round(usage.ru_utime + usage.ru_stime, 3),
        max_rss_mib=round(usage.ru_maxrss / 1024, 1),
    )
    _record(step, result)
    return result


def _start(step: Step, lock: int) -> subprocess.Popen[str]:
    """Start the container's command with this Python; the image's name for it is `python`."""
    return subprocess.Popen(
        [sys.executable, *step.command[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=(lock,),
        # Ctrl-C reaches this process alone, which then asks the step to stop and waits for it.
        start_new_session=True,
        env={**GOOD_NEIGHBOR, **os.environ, "CODEKILN_RUNNER": "local", "PYTHONUNBUFFERED": "1"},
    )


def _follow(process: subprocess.Popen[str], log: IO[str], listen: Listener) -> tuple[int, Any]:
    """Pass on each line until the step ends; return its wait status and resource usage."""
    try:
        for line in process.stdout or ():
            if not line.startswith(progress.MARK):
                log.write(line)
                log.flush()
            listen(line.rstrip("\n"))
    except BaseException:
        # Ctrl-C or a full disk: the step saves what it has, then the caller hears of it.
        log.write(_stop(process))
        raise
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return status, usage


def _stop(process: subprocess.Popen[str]) -> str:
    """Ask a step to stop, give it GRACE_S to save, and return what it said until it went."""
    process.send_signal(signal.SIGINT)
    try:
        said, _ = process.communicate(timeout=GRACE_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
    return said or ""


def _record(step: Step, result: Result) -> None:
    """Write step.json; where the step died without a word, write its failure too."""
    manifest.write_json(step.folder / STEP, dataclasses.asdict(result))
    failure = step.folder / outputs.FAILURE
    if result.exit_code and not failure.exists():
        record = {"phase": step.phase, "error": reason(step, result.exit_code)}
        manifest.write_json(failure, {**record, "exit_code": result.exit_code})


def reason(step: Step, exit_code: int) -> str:
    """Say why a step ended with `exit_code` and no word of its own."""
    if exit_code == -signal.SIGKILL:
        return "killed (SIGKILL): out of memory, most likely; give it less to do or more memory"
    if exit_code < 0:
        return f"ended by {signal.Signals(-exit_code).name}"
    last = [line for line in tail(step.log, 40) if re.match(r"\w*(Error|Exception)\b", line)]
    return last[-1] if last else f"ended with exit code {exit_code}"


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
