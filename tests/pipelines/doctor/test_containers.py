from pathlib import Path

import pytest
from kubernetes_objects import need

from codekiln_pipelines.doctor import containers
from codekiln_pipelines.doctor.containers import Containers
from codekiln_pipelines.doctor.examination import Examination
from codekiln_pipelines.doctor.finding import Finding, State
from codekiln_pipelines.doctor.needs import Packages
from codekiln_pipelines.local.engine import Engine

PODMAN = """#!/bin/sh
case "$*" in
  info*) echo '{"host": {"security": {"rootless": true},' \\
    '"cgroupControllers": ["memory", "cpu", "pids"]}}' ;;
  --version) echo "podman version 4.9.3" ;;
  unshare*) printf '0 1000 1\\n1 100000 65536\\n' ;;
  "image inspect"*) exit 1 ;;
esac
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let nothing but this folder be on the PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path}")
    return tmp_path


def install(path: Path, script: str) -> None:
    program = path / "podman"
    program.write_text(script.replace("#!/bin/sh", "#!/bin/sh\nPATH=/usr/bin:/bin"))
    program.chmod(0o755)


def examined(*, asked: bool) -> dict[str, Finding]:
    subject = containers.subject(Packages(known={"cpu": (need(),)}), asked=asked)
    return {line.check: line.finding for line in Examination([subject]).lines()}


@pytest.mark.usefixtures("path")
def test_no_engine_is_needed_for_runs_as_processes() -> None:
    found = examined(asked=False)
    assert [f.state for f in found.values()] == [State.SKIP]
    assert "apt-get install podman" in found["engine.version"].remedy


@pytest.mark.usefixtures("path")
def test_an_engine_that_was_asked_for_must_be_there() -> None:
    assert examined(asked=True)["engine.version"].state is State.FAIL


def test_an_engine_tells_its_version_and_who_runs_it(path: Path) -> None:
    install(path, PODMAN)
    found = examined(asked=True)
    assert found["engine.version"].found == "podman 4.9.3, rootless"
    assert found["engine.limits"].state is State.OK
    assert found["engine.users"].found == "65537 users inside a container"
    assert found["engine.images"].state is State.WARN


def test_an_engine_that_does_not_answer_fails_where_it_was_asked_for(path: Path) -> None:
    install(path, "#!/bin/sh\necho 'Error: cannot connect to Podman socket' >&2\nexit 125\n")
    assert examined(asked=True)["engine.version"].state is State.FAIL
    assert examined(asked=False)["engine.version"].state is State.WARN


def engine(**told: object) -> Engine:
    whole = {
        "program": "podman", "is_podman": True, "rootless": True,
        "controllers": frozenset({"memory", "cpu", "pids"}), **told,
    }  # fmt: skip
    return Engine(**whole)  # type: ignore[arg-type]  # named as the fields are


@pytest.mark.parametrize(("rootless", "remedy"), [(True, "Delegate="), (False, "cgroup")])
def test_limits_that_cannot_be_kept_are_a_warning(rootless: bool, remedy: str) -> None:
    found = containers.judged_limits(engine(controllers=frozenset({"cpu"}), rootless=rootless))
    assert found.state is State.WARN
    assert "memory, pids" in found.found
    assert remedy in found.remedy


def test_a_user_without_users_of_its_own_cannot_run_images() -> None:
    found = containers.judged_identities(1)
    assert found.state is State.FAIL
    assert "--add-subuids" in found.remedy


def test_images_that_are_here_are_counted() -> None:
    assert containers.judged_images(["a", "b"], lambda _: True).state is State.OK
    found = containers.judged_images(["a", "b", "c"], lambda image: image == "a")
    assert found.state is State.WARN
    assert found.found == "1 of 3 images are here; b and 1 more not"
    assert "make images" in found.remedy


def test_root_has_every_user() -> None:
    of = Containers(Packages(known={"cpu": (need(),)}), asked=True)
    of._engine = engine(rootless=False)
    assert of.identities().state is State.OK
