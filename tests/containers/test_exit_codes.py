"""No container that failed is called a success, however fast it goes."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from codekiln_pipelines.local import steps
from codekiln_pipelines.local.containers import Containers
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.step import Step

pytestmark = pytest.mark.platform

EACH = 8
StepOf = Callable[..., Step]


def code(worker: Containers, step: Step) -> int:
    return steps.run(step, lambda _: None, worker).exit_code


@pytest.mark.parametrize("after_s", ["0", "0.3", "2"])
def test_a_container_that_fails_is_never_called_a_success(
    worker: Containers, step_of: StepOf, after_s: str
) -> None:
    asked = [step_of("sh", "-c", f"sleep {after_s}; exit 3") for _ in range(EACH)]
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda step: code(worker, step), asked))
    assert codes == [3] * EACH


def test_a_container_that_ends_well_ends_with_0(worker: Containers, step_of: StepOf) -> None:
    heard: list[str] = []
    result = steps.run(step_of("sh", "-c", "echo out; echo err >&2"), heard.append, worker)
    assert result.exit_code == 0
    assert sorted(heard) == ["err", "out"]
    assert len(result.image) == 64


def test_one_that_needs_too_much_memory_says_to_raise_the_limit(
    worker: Containers, step_of: StepOf
) -> None:
    worker.over = Limits(memory_bytes=64 << 20)
    step = step_of("python", "-c", "x = bytearray(500 << 20); x[:] = b'1' * len(x)")
    assert code(worker, step) == 128 + signal.SIGKILL
    why = steps.failure_of(step.folder)
    assert why.startswith("out of memory: its limit was 64 MiB; raise it with --memory")


def test_one_whose_child_needs_too_much_memory_says_so_too(
    worker: Containers, step_of: StepOf
) -> None:
    worker.over = Limits(memory_bytes=64 << 20)
    child = "python -c \"x = bytearray(500 << 20); x[:] = b'1' * len(x)\" || true; sleep 1; exit 5"
    step = step_of("sh", "-c", child)
    assert code(worker, step) == 5
    assert "out of memory: its limit was 64 MiB" in steps.failure_of(step.folder)


def test_one_that_is_killed_is_told_from_one_that_ends(worker: Containers, step_of: StepOf) -> None:
    step = step_of("sh", "-c", "echo begun; sleep 60")

    def kill(_: str) -> None:
        worker.engine.call("kill", f"codekiln-{worker.label}-{step.task}")

    assert steps.run(step, kill, worker).exit_code == 128 + signal.SIGKILL


def test_one_that_somebody_else_removes_is_no_success(worker: Containers, step_of: StepOf) -> None:
    step = step_of("sh", "-c", "echo begun; sleep 60")

    def remove(_: str) -> None:
        worker.engine.call("rm", "--force", "--time=0", f"codekiln-{worker.label}-{step.task}")

    assert steps.run(step, remove, worker).exit_code == 125
    assert steps.failure_of(step.folder).startswith("the container is lost")


def test_one_that_crashes_names_its_signal(worker: Containers, step_of: StepOf) -> None:
    step = step_of("python", "-c", "import ctypes; ctypes.string_at(0)")
    assert code(worker, step) == 128 + signal.SIGSEGV
    assert steps.failure_of(step.folder) == "ended by SIGSEGV"


def test_one_without_its_image_says_which_and_how_to_make_it(
    worker: Containers, step_of: StepOf
) -> None:
    step = step_of("true", image="localhost:5000/codekiln-nothing:dev")
    assert code(worker, step) == 125
    why = "podman has no image localhost:5000/codekiln-nothing:dev: build it with `make images`"
    assert steps.failure_of(step.folder) == why.replace("podman", worker.engine.program)


def test_one_without_its_command_ends_as_in_a_shell(worker: Containers, step_of: StepOf) -> None:
    step = step_of("no-such-command")
    assert code(worker, step) == 127
    assert "no-such-command" in steps.failure_of(step.folder)


def test_one_whose_command_is_no_program_ends_as_in_a_shell(
    worker: Containers, step_of: StepOf
) -> None:
    assert code(worker, step_of("/etc/passwd")) == 126


def test_every_line_of_a_fast_talker_is_heard(worker: Containers, step_of: StepOf) -> None:
    heard: list[str] = []
    steps.run(step_of("seq", "100000"), heard.append, worker)
    assert heard == [str(number) for number in range(1, 100_001)]
