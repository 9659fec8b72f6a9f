import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch._inductor import config

from codekiln.core.training import compilation
from codekiln.core.training.checkpoint import LocalStore
from codekiln.core.training.engine import Job
from codekiln.core.training.passes import Passes
from codekiln.core.training.settings import Training


@pytest.fixture
def made(job: Callable[..., Job]) -> Job:
    described = job()
    assert isinstance(described.store, LocalStore)
    described.store.close()
    return described


def wanted(job: Job, steps: int, compile_: str = "auto", *, bf16: bool = True) -> bool:
    plan = dataclasses.replace(job.plan, total_steps=steps)
    training = Training.model_validate({"compile": compile_})
    machine = dataclasses.replace(job.machine, bf16=bf16)
    return compilation.wanted(job.model, plan, training, machine, job.window)


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a compiler on the PATH, for a machine that has none; it is looked for, not run."""
    (tmp_path / "c++").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("compiler")
def test_only_a_long_run_is_compiled(made: Job) -> None:
    assert not wanted(made, 100)
    assert wanted(made, 10**12)


def test_a_cpu_without_bf16_gains_nothing_and_stays_eager(made: Job) -> None:
    assert not wanted(made, 10**12, bf16=False)


def test_the_setting_has_the_last_word(made: Job) -> None:
    assert wanted(made, 1, "on")
    assert not wanted(made, 10**12, "off")


def test_without_a_compiler_a_cpu_run_stays_eager(
    made: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert not wanted(made, 10**12)


# The compiler, when it is loaded, warns of torch's own older parts.
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_compiler_that_fails_leaves_the_run_eager_and_one_line(
    made: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(config.cpp, "cxx", ("no-such-compiler",))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    passes = Passes(made.model, torch.device("cpu"), torch.float32)
    batch = made.collate([made.training_rows[0]])

    def try_out(losses: compilation.Losses) -> None:
        passes.losses = losses
        passes.backward(batch, passes.targets([batch]))

    losses, seconds = compilation.compiled(made.model, try_out)
    assert losses is made.model
    assert seconds == 0.0
    assert "running eagerly" in caplog.text
