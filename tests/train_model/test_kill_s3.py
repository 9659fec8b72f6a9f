"""A run whose checkpoints are in S3 outlives its machine: killed, restarted on an empty disk."""

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import forked_programs
import pytest
import radosgw
import s3_proxy
from builders import finish
from radosgw import Server
from s3_proxy import Fate, Request

from codekiln.core import digest, manifest
from codekiln.core.errors import CodekilnError, ServiceError
from codekiln.core.storage.lease import Lease, Pace
from codekiln.core.storage.objects import open_store
from codekiln.core.training import plan as planning
from codekiln.core.training.settings import EpochCalculation, Training

pytestmark = pytest.mark.s3

CONFIG = """
training: {base_learning_rate: 4e-3, checkpoint_steps: 2, workers: 0}
train_model: {size: tiny, sample_tokens: 8}
"""


@pytest.fixture(scope="module")
def server() -> Server:
    return radosgw.server()


@pytest.fixture(scope="module")
def bucket(server: Server) -> str:
    return server.new_bucket()


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    counts = planning.Counts(sequences=14, unique_tokens=780, total_tokens=884)
    calculation = EpochCalculation(target_tokens=1)
    planning.write(folder, planning.plan_run(counts, Training(), calculation, 8))
    return finish(folder, "plan_training", {})


class Runs:
    """Starts the same training again and again, each time on a machine with an empty disk."""

    def __init__(self, tokens: Path, plan: Path, disks: Path, told: dict[str, str]) -> None:
        self.words = ["--tokens", str(tokens), "--plan", str(plan), "--config", CONFIG]
        self.disks, self.told, self.started = disks, told, 0
        self.model, self.log = Path(), Path()

    def start(self, checkpoints: str) -> ForkServerProcess:
        self.started += 1
        self.model = self.disks / str(self.started) / "model"
        self.log = self.disks / f"{self.started}.log"
        placed = ["--model", str(self.model), "--checkpoints", checkpoints]
        settings = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        words = ["-m", "codekiln.train_model", *self.words, *placed]
        return forked_programs.start(words, self.log, {**settings, **self.told})

    def finished(self, checkpoints: str) -> str:
        code = forked_programs.ended(self.start(checkpoints))
        assert code == 0, self.log.read_text()
        return self.log.read_text()

    def stopped(self, checkpoints: str, number: int, when: Callable[[], bool]) -> tuple[int, str]:
        """Send `number` once `when` says so; return the exit code and what was logged."""
        process = self.start(checkpoints)
        while process.is_alive() and not when():
            time.sleep(0.05)
        assert process.pid
        assert process.is_alive(), self.log.read_text()
        os.kill(process.pid, number)
        code = forked_programs.ended(process)
        shutil.rmtree(self.model.parent)
        return code, self.log.read_text()

    def weights(self) -> str:
        """Return their digest: pytest would compare megabytes byte by byte to show a difference."""
        assert manifest.read(self.model).counts["steps"]
        return digest.of_file(self.model / "model.safetensors")


@pytest.fixture
def runs(tokens: Path, plan: Path, tmp_path: Path, server: Server) -> Runs:
    return Runs(tokens, plan, tmp_path, server.environment())


@pytest.fixture(scope="module")
def whole(tokens: Path, plan: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Train without a stop, and without S3."""
    runs = Runs(tokens, plan, tmp_path_factory.mktemp("whole"), {})
    runs.finished("")
    return runs.weights()


@pytest.fixture
def place(server: Server, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    radosgw.settle(monkeypatch, server.environment())
    return f"s3://{bucket}/{tmp_path.name}"


def names(place: str) -> list[str]:
    """List what is there; nothing while the server has no time."""
    with contextlib.suppress(CodekilnError):
        return list(open_store(place).names())
    return []


def commits(place: str) -> list[str]:
    return [Path(name).stem for name in names(place) if "/commits/" in name]


def committed(place: str, step: int) -> Callable[[], bool]:
    return lambda: f"step-{step:08d}" in commits(place)


class Moment:
    """Waits for one kind of request, and is there while half of its body is on its way."""

    def __init__(self, part_of_path: str, number: int) -> None:
        self.part_of_path, self.left = part_of_path, number
        self.is_now, self.is_over = threading.Event(), threading.Event()

    def __call__(self, request: Request) -> Fate:
        if request.method == "PUT" and self.part_of_path in request.path:
            self.left -= 1
            if not self.left:
                self.is_now.set()
                self.is_over.wait(60)
        return Fate.PASSES


def test_a_run_killed_anywhere_ends_with_the_same_bytes(
    runs: Runs, server: Server, whole: str, place: str
) -> None:
    for step in (2, 6):
        code, told = runs.stopped(place, signal.SIGKILL, committed(place, step))
        assert code == -signal.SIGKILL, told
    for moment in (Moment("/blobs/", 5), Moment("/commits/", 2)):
        with s3_proxy.between(server.http, moment) as url:
            runs.told = {**server.environment(), "AWS_ENDPOINT_URL": url}
            code, told = runs.stopped(place, signal.SIGKILL, moment.is_now.is_set)
            moment.is_over.set()
        assert code == -signal.SIGKILL, told
        assert "resuming after step" in told
    runs.told = server.environment()
    assert "resuming after step" in runs.finished(place)
    assert runs.weights() == whole


def test_a_run_told_to_stop_has_saved_and_uploaded_when_it_ends(
    runs: Runs, whole: str, place: str
) -> None:
    code, told = runs.stopped(place, signal.SIGTERM, committed(place, 4))
    assert code == 75
    step = told.split("saved at step ")[1].split(":")[0]
    assert f"step-{int(step):08d}" in commits(place)
    told = runs.finished(place)
    assert f"resuming after step {step} " in told
    assert "waiting" not in told
    assert runs.weights() == whole


def test_over_tls_a_killed_run_ends_with_the_same_bytes(
    runs: Runs, server: Server, whole: str, place: str
) -> None:
    runs.told = server.environment(tls=True)
    code, told = runs.stopped(place, signal.SIGKILL, committed(place, 6))
    assert code == -signal.SIGKILL, told
    assert "resuming after step" in runs.finished(place)
    assert runs.weights() == whole


def test_a_second_run_is_refused_while_one_writes(runs: Runs, place: str) -> None:
    first = runs.start(place)
    while first.is_alive() and not committed(place, 2)():
        time.sleep(0.05)
    root = next(name.split("/")[0] for name in names(place))
    with pytest.raises(ServiceError, match="another run"):
        Lease(open_store(f"{place}/{root}"), Pace(patience_s=0.1))
    first.kill()
    first.join()
