"""The door of every phase: argv becomes settings, an error becomes an exit code.

What was done becomes a manifest, written last.
"""

import ctypes
import dataclasses
import errno
import importlib.metadata
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic

from codekiln.core import digest, flags, log, manifest, outputs, settings
from codekiln.core.errors import CodekilnError, InputError, printable
from codekiln.core.settings import INPUT, OUTPUT, Section, Settings
from codekiln.core.storage.objects import is_remote, open_store

logger = logging.getLogger(__name__)

INTERRUPTED = 130
"""What a shell calls a program that Ctrl-C ended: 128 + SIGINT."""

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Done:
    """What a phase says of its run."""

    counts: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """What was read, kept, and dropped by reason."""
    metrics: Mapping[str, float] = dataclasses.field(default_factory=dict)
    """Figures for the run page."""
    sources: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Digests of inputs that no phase wrote: a repository's refs, a tokenizer."""


Phase = Callable[[Settings], Done]


@dataclasses.dataclass(kw_only=True)
class Attempt:
    """One start of a phase, as far as it has come: what a failure has to tell of it."""

    phase: str
    begun: datetime
    executor: outputs.Executor = dataclasses.field(default_factory=outputs.Executor)
    told: Section | None = None

    @property
    def writing(self) -> str:
        """Name the folders that it writes."""
        return " or ".join(map(str, folders_of(self.told, OUTPUT).values())) if self.told else ""


def run(
    phase: Phase[Settings], settings_kind: type[Settings], argv: Sequence[str] | None = None
) -> None:
    """Run `phase` with the settings in `argv` (the process's own if None); exit with its code."""
    attempt = Attempt(phase=settings.phase_of(settings_kind), begun=datetime.now(UTC))
    obey_runner()
    try:
        told = arguments(settings_kind, sys.argv[1:] if argv is None else argv)
        attempt.told, attempt.executor = told.settings, outputs.Executor(told.executor_input)
        log.set_up(told.config)
        perform(phase, told.settings, attempt.executor)
    except KeyboardInterrupt:
        logger.error("interrupted; nothing of %s looks finished, run it again", attempt.phase)  # noqa: TRY400 -- no traceback
        sys.exit(INTERRUPTED)
    except CodekilnError as error:
        sys.exit(_fail(attempt, error))
    except OSError as error:
        sys.exit(_fail(attempt, of_os_error(error, attempt.writing)))
    except Exception as error:
        # A defect of ours: the report names it, the log has its traceback.
        _leave(attempt, f"{type(error).__name__}: {error}", CodekilnError.exit_code)
        raise


def answer(do: Callable[[], None]) -> None:
    """Do what a command that is no phase was asked, on standard output; exit with its code."""
    try:
        if sys.stdout is None:
            raise InputError("standard output is closed: leave it open, or send it to a file")
        do()
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except CodekilnError as error:
        sys.exit(_refuse(error))
    except BrokenPipeError:
        hush()
    except OSError as error:
        sys.exit(_refuse(of_os_error(error)))


def hush() -> None:
    """Say nothing more on standard output: whoever read it has seen enough (head, less)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refuse(error: CodekilnError) -> int:
    """Say `error` in one line, and return its exit code."""
    sys.stderr.write(f"codekiln: {printable(str(error))}\n")
    return error.exit_code


def obey_runner() -> None:
    """Obey the local runner: SIGINT means stop and save, and its death means SIGTERM."""
    if os.environ.get("CODEKILN_RUNNER") != "local":
        return
    # A shell starts background jobs, and so what they start, with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Arguments(Generic[Settings]):
    """What one command line told a phase."""

    settings: Settings
    config: Mapping[str, object]
    executor_input: str


def arguments(settings_kind: type[Settings], argv: Sequence[str]) -> Arguments[Settings]:
    """Read `argv`: plain fields as flags, the YAML document from --config."""
    name = settings.phase_of(settings_kind)
    parser = flags.parser_for(settings_kind, f"python -m codekiln.{name}")
    parser.add_argument("--config", default="", metavar="YAML", help="settings: a file, or text")
    parser.add_argument("--executor-input", default="", metavar="JSON", help="given by Kubeflow")
    told = flags.parse(parser, argv)
    config = settings.document(told.pop("config"))
    executor_input = told.pop("executor_input")
    places = settings.places_in_run(settings_kind, outputs.Executor(executor_input).run_root)
    read = settings.read(settings_kind, config, told, under=places)
    return Arguments(settings=read, config=config, executor_input=executor_input)


def perform(phase: Phase[Settings], told: Settings, executor: outputs.Executor) -> None:
    """Check the inputs, run `phase`, then write the manifest and the executor output."""
    started = datetime.now(UTC)
    name = settings.phase_of(type(told))
    inputs = {field: manifest.read(path).digest for field, path in folders_of(told, INPUT).items()}
    for path in folders_of(told, OUTPUT).values():
        prepare(path)
    # The manifest has them all; a log reader wants to see what was not left to its default.
    given = told.model_dump(mode="json", exclude_defaults=True)
    shown = (f"{key}={value}" for key, value in given.items())
    logger.info("%s: %s", name, " ".join(shown))
    done = phase(told)
    for path in folders_of(told, OUTPUT).values():
        manifest.write(path, record_of(told, done, inputs, started, path))
    executor.succeed(dict(done.metrics), {"counts": json.dumps(dict(done.counts))})
    logger.info("%s: done: %s", name, in_words(done.counts))


def record_of(
    told: Section, done: Done, inputs: Mapping[str, str], started: datetime, output: Path
) -> manifest.Manifest:
    """Make the manifest of the output folder `output` of a phase that began at `started`."""
    return manifest.Manifest(
        phase=settings.phase_of(type(told)),
        version=importlib.metadata.version("codekiln"),
        started=started.isoformat(timespec="seconds"),
        seconds=round((datetime.now(UTC) - started).total_seconds(), 3),
        settings=told.model_dump(mode="json"),
        settings_digest=digest_of(told),
        inputs={**inputs, **done.sources},
        counts=dict(done.counts),
        metrics=dict(done.metrics),
        files=manifest.files_of(output),
        digest=manifest.digest_of(output),
    )


def folders_of(told: Section, role: str) -> dict[str, Path]:
    """Return the folders of `told` that play `role`, by field."""
    names = settings.plain_of(type(told))
    return {n: getattr(told, n) for n in names if settings.role_of(type(told), n) == role}


def digest_of(told: Section) -> str:
    """Return the digest of what `told` decides: its places left out, for where is not what."""
    in_run = settings.places_in_run(type(told), "run")
    places = {*folders_of(told, INPUT), *folders_of(told, OUTPUT), *in_run}
    return digest.of_json(told.model_dump(mode="json", exclude=places))


def prepare(folder: Path) -> None:
    """Make the output `folder`, with no manifest, or raise InputError if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        manifest.discard(folder)
    except OSError as error:
        raise InputError(f"cannot write into {folder}: {error.strerror}; choose another") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"cannot write into {folder}: no permission; choose another")


def of_os_error(error: OSError, writing: str = "") -> InputError:
    """Say in one line what the operating system refused, in `writing` if it does not say where."""
    # A full disk does not tell which place was meant; scratch is none unless it was asked for.
    scratch = f" or scratch ({tempfile.tempdir})" if tempfile.tempdir else ""
    place = error.filename or f"{writing or 'the output'}{scratch}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InputError(f"no space left on the device for {place}; free some and run again")
    return InputError(f"{place}: {error.strerror or error}; mend that and run again")


def _fail(attempt: Attempt, error: CodekilnError) -> int:
    """Log `error` in one line, leave its record, and return its exit code."""
    logger.error("%s", printable(str(error)), exc_info=logger.isEnabledFor(logging.DEBUG))
    _leave(attempt, str(error), error.exit_code)
    return error.exit_code


def _leave(attempt: Attempt, error: str, exit_code: int) -> None:
    """Leave the record of a failure where the report of the run looks for it."""
    failure, executor = failure_of(attempt, error, exit_code, datetime.now(UTC)), attempt.executor
    try:
        executor.fail(failure)
        if is_remote(executor.place):
            # Kubeflow uploads nothing of a step that failed.
            told = json.dumps(dataclasses.asdict(failure)).encode()
            open_store(executor.place).write(outputs.FAILURE, told)
    except (OSError, CodekilnError) as second:
        logger.warning("cannot leave a record of the failure: %s", second)


def failure_of(attempt: Attempt, error: str, exit_code: int, now: datetime) -> outputs.Failure:
    """Make the record of an attempt that failed at `now`."""
    return outputs.Failure(
        phase=attempt.phase,
        error=error,
        exit_code=exit_code,
        time=now.isoformat(timespec="seconds"),
        log=log.tail(),
        seconds=round((now - attempt.begun).total_seconds(), 3),
        settings=attempt.told.model_dump(mode="json") if attempt.told else {},
        settings_digest=digest_of(attempt.told) if attempt.told else "",
    )


def in_words(counts: Mapping[str, int]) -> str:
    """Say `counts` in one line: 6,489 commits, 12 dropped."""
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
