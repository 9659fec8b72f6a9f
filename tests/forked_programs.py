"""Programs that import torch, as processes of their own, forked from one that has imported it.

    program = forked_programs.start(["-m", "codekiln.train_model", ...], log, os.environ)

The imports take seconds, at each start anew; what is killed, signaled or told to go on is a process
with its own memory either way. The first start pays for all: it makes a fresh process that
imports, does nothing else, and forks (multiprocessing's fork server).
"""

import multiprocessing
import multiprocessing.forkserver
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

HEAVY = ["codekiln.train_model.run", "torch._dynamo"]
"""What is imported beforehand; torch itself imports the second when it makes an optimizer."""

PATIENCE_S = 300


def start(words: Sequence[str], said: Path, environ: Mapping[str, str]) -> ForkServerProcess:
    """Start Python with `words` (-m MODULE or -c SOURCE, and flags) in a session of its own.

    What it says goes to the file `said`. Its environment is `environ`, with one thread for torch.
    """
    with pytest.MonkeyPatch.context() as patch:
        # OpenMP reads it once, when torch is imported.
        patch.setenv("OMP_NUM_THREADS", "1")
        multiprocessing.set_forkserver_preload(HEAVY)
        multiprocessing.forkserver.ensure_running()
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=_live, args=(list(words), said, dict(environ)))
    process.start()
    return process


def ended(process: ForkServerProcess) -> int:
    """Wait for the end of `process`; return its exit code, negative for a signal."""
    process.join(PATIENCE_S)
    assert process.exitcode is not None, "it does not end"
    return process.exitcode


def _live(words: list[str], said: Path, environ: dict[str, str]) -> None:
    """Be Python with `words`: the first thing that a fork does."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environ)
    with said.open("wb") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    how, what, *flags = words
    sys.argv = [what, *flags]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})  # noqa: S102 -- the test's own source
