import os
import subprocess
import sys
from pathlib import Path

import build
import host
import pytest

from codekiln.core import container

ROOT = Path(__file__).resolve().parents[2]
PHASES = [path.parent.name for path in ROOT.glob("components/codekiln/*/component.py")]


def run(*names: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    return subprocess.run(
        [sys.executable, ROOT / "images/build.py", *names],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_has_an_image_by_the_name_that_pipelines_use(phase: str) -> None:
    name = phase.replace("_", "-")
    assert name in build.FAMILIES
    assert build.reference(name) == container.image(phase)


def test_the_variant_for_gpus_is_named_as_pipelines_name_it() -> None:
    assert build.reference("train-model-cuda") == container.image("train_model", "cuda")


@pytest.mark.parametrize("name", build.FAMILIES)
def test_every_image_is_a_stage_of_the_containerfile(name: str) -> None:
    text = ROOT.joinpath("images/Containerfile").read_text()
    assert f" AS {name}\n" in text
    assert f" AS made-{build.FAMILIES[name]}\n" in text


def test_the_base_is_pinned_by_its_digest() -> None:
    text = ROOT.joinpath("images/Containerfile").read_text()
    bases = [line for line in text.splitlines() if line.startswith("ARG BASE=")]
    assert len(bases) == 1
    assert "@sha256:" in bases[0]


def test_an_image_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    engine = tmp_path / "podman"
    engine.write_text("#!/bin/sh\necho here\n")
    engine.chmod(0o755)
    done = run("tokenise", ENGINE="podman", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 2
    assert done.stderr.startswith("codekiln: there is no image tokenise; there are survey-history,")


def test_a_machine_without_an_engine_is_told_what_to_install(tmp_path: Path) -> None:
    done = run(PATH=str(tmp_path), ENGINE="")
    assert done.returncode == 2
    assert done.stderr == (
        "codekiln: neither podman nor docker runs here: "
        "install podman, on Debian as root by images/prepare\n"
    )


def test_the_stages_below_an_image_are_listed_after_those_that_they_take_from() -> None:
    stages = ["tools", "code", "made-core", "made-history", "made-plan", "parts-plan"]
    assert build.below(["plan-training"]) == [*stages, "cpu", "records"]


def test_an_address_loses_its_password() -> None:
    assert build.without_user("https://me:word@git.test/a.git") == "https://git.test/a.git"


def test_a_folder_with_the_cpu_build_of_torch_spares_its_index(tmp_path: Path) -> None:
    lent = host.Host({}, (tmp_path,), {"https_proxy": "http://proxy.test"})
    assert build.arguments(lent) == ["--build-arg=https_proxy=http://proxy.test"]
    tmp_path.joinpath("torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").touch()
    assert "--build-arg=TORCH_INDEX=" in build.arguments(lent)
