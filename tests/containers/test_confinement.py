"""A step as a container sees its run, what it is told of, and nothing else."""

import errno
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import histories
import pytest

from codekiln_pipelines.local import steps
from codekiln_pipelines.local.containers import Containers
from codekiln_pipelines.local.limits import Limits
from codekiln_pipelines.local.step import STEP, Step

pytestmark = pytest.mark.platform

StepOf = Callable[..., Step]
SETTINGS = {
    "AWS_ENDPOINT_URL": "{}", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "planted",
}  # fmt: skip


def said(worker: Containers, step: Step) -> str:
    """Run `step` to a good end; return what it said."""
    lines: list[str] = []
    result = steps.run(step, lines.append, worker)
    assert result.exit_code == 0, lines
    return "\n".join(lines)


def test_what_a_step_writes_belongs_to_the_user(worker: Containers, step_of: StepOf) -> None:
    made = worker.run / "made"
    said(worker, step_of("touch", str(made)))
    assert (made.stat().st_uid, made.stat().st_gid) == (os.getuid(), os.getgid())


@pytest.mark.parametrize("place", ["/etc", "/usr/lib", "/var/tmp", "/run", "/"])  # noqa: S108 -- the container's
def test_the_image_is_read_only(worker: Containers, step_of: StepOf, place: str) -> None:
    assert said(worker, step_of("sh", "-c", f"touch {place}/x 2>/dev/null || echo no")) == "no"


def test_scratch_space_is_writable_and_programs_run_from_it(
    worker: Containers, step_of: StepOf
) -> None:
    worker.over = Limits(memory_bytes=256 << 20)
    script = "cp /bin/true /tmp/x && /tmp/x && df --output=size -BM /tmp | tail -n 1"
    assert said(worker, step_of("sh", "-c", script)).strip() == "128M"


def test_a_step_has_no_capability_and_can_gain_none(worker: Containers, step_of: StepOf) -> None:
    told = said(worker, step_of("grep", "-E", "CapEff|CapBnd|NoNewPrivs", "/proc/self/status"))
    assert told.split()[1::2] == ["0" * 16, "0" * 16, "1"]


def test_a_step_that_is_told_of_nothing_elsewhere_has_no_network(
    worker: Containers, step_of: StepOf
) -> None:
    assert said(worker, step_of("ls", "/sys/class/net")) == "lo"


def test_a_folder_that_a_step_is_told_of_is_there_to_read_alone(
    worker: Containers, step_of: StepOf, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_text("w")
    (tmp_path / "secret").write_text("s")
    tried = f"touch {folder}/x || cat {tmp_path}/secret || echo neither"
    script = f"(cat {folder}/weights; {tried}) 2> /dev/null"
    told = said(worker, step_of("sh", "-c", script, told={"pretrained": str(folder)}))
    assert told == "wneither"


def test_a_model_out_of_a_download_cache_is_whole(
    worker: Containers, step_of: StepOf, tmp_path: Path
) -> None:
    """Such a cache holds its files elsewhere, and links to them in the folder of the model."""
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "1").write_text("weights")
    snapshot = tmp_path / "snapshots" / "a"
    snapshot.mkdir(parents=True)
    (snapshot / "model").symlink_to("../../blobs/1")
    step = step_of("cat", f"{snapshot}/model", told={"pretrained": str(snapshot)})
    assert said(worker, step) == "weights"


def test_a_linked_worktree_that_borrows_objects_can_be_read(
    worker: Containers, step_of: StepOf, tmp_path: Path
) -> None:
    lender = histories.line(tmp_path / "lender.git", 3).path
    git = ["git", "-c", "safe.directory=*"]
    subprocess.run([*git, "clone", "-q", "--shared", lender, tmp_path / "main"], check=True)
    linked = ["worktree", "add", "-q", "--detach", str(tmp_path / "linked")]
    subprocess.run([*git, "-C", tmp_path / "main", *linked], check=True)
    told = {"repository": str(tmp_path / "linked")}
    counting = [*git, "-C", told["repository"], "rev-list", "--count", "HEAD"]
    assert said(worker, step_of(*counting, told=told)) == "3"


def test_no_secret_stands_on_a_command_line_or_in_a_record(
    worker: Containers, step_of: StepOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "wJalrXUtnFEMI-planted"  # noqa: S105 -- planted
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    monkeypatch.setenv("GITHUB_TOKEN", secret)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    step = step_of("env", told={"checkpoints": "s3://bucket/x"})
    flags = worker._flags_of(step, Limits())
    assert "--env=AWS_SECRET_ACCESS_KEY" in flags
    assert not any(secret in flag for flag in flags)
    told = said(worker, step)
    assert f"AWS_SECRET_ACCESS_KEY={secret}" in told
    assert "GITHUB_TOKEN" not in told
    assert secret not in (step.folder / STEP).read_text()


def test_a_step_without_a_network_gets_no_secret(
    worker: Containers, step_of: StepOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    assert "AWS_SECRET" not in said(worker, step_of("env"))


def test_a_server_of_this_machine_can_be_reached(
    worker: Containers, step_of: StepOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        for name, value in SETTINGS.items():
            monkeypatch.setenv(name, value.format(endpoint))
        reach = f"import socket; socket.create_connection({server.getsockname()!r}, 5)"
        said(worker, step_of("python", "-c", reach, told={"checkpoints": "s3://bucket/x"}))


def test_the_usual_network_is_not_that_of_this_machine(worker: Containers, step_of: StepOf) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reach = f"import socket; print(socket.socket().connect_ex({server.getsockname()!r}))"
        step = step_of("python", "-c", reach, told={"repository": "https://host.invalid/r.git"})
        assert said(worker, step) == str(errno.ECONNREFUSED)
