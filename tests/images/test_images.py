"""Every image, built here and run as strictly as a cluster may: `make images-test`.

A machine without podman or docker fails: what these tests say cannot be said without.
"""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import build
import histories
import host
import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.platform

NAMES = [name for name in build.FAMILIES if name not in build.ON_DEMAND]

LIMITS_MB = {
    "survey-history": 560,
    "mine-commits": 560,
    "tokenize": 690,
    "plan-training": 520,
    "embed-commits": 1700,
    "train-model": 1250,
    "report": 520,
    "discover-repos": 540,
    "collect-pulls": 640,
    "reconcile-pulls": 520,
    "snapshot-pulls": 520,
    "build-examples": 530,
    "gather-examples": 520,
    "clean-corpus": 520,
    "train-tokenizer": 570,
    "pack-examples": 570,
    "describe-corpus": 520,
    "cli": 600,
}
"""Unpacked, with the base; about a tenth above what each was when it was written down."""

PLANTED = "codekiln-planted-secret-b2f7"
"""What the machine that builds knows and no image may."""

SOURCE = "https://git.test/codekiln"

CUDA = re.compile(r"/nvidia/|/triton/|lib(cuda|cudart|cudnn|cublas|cufft|nccl|nvrtc|torch_cuda)\b")

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:([^\s<>\"{}|\\^`%]|%[0-9A-Fa-f]{2})+")
"""RFC 3987, in short: a scheme, then no character that has to be written as %XX."""

STRICT = (
    *("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--network=none"),
    "--tmpfs=/tmp:rw,mode=1777",
)

STRANGER = "48213:48213"
"""A user that no image knows, as some clusters give to each namespace."""


@dataclass(frozen=True)
class Images:
    """The images of this checkout, built by `program`."""

    program: str

    def run(
        self, name: str, *arguments: str, options: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run the image `name` with a read-only root, as a stranger, without network or rights."""
        strict = [self.program, "run", "--rm", f"--user={STRANGER}", *STRICT, *options]
        return said(*strict, build.reference(name), *arguments)

    def inside(self, name: str) -> dict[str, Any]:
        """Tell what the image `name` holds."""
        return inside(self, name)

    def told(self, name: str) -> dict[str, Any]:
        """Return what the engine knows of the image `name`."""
        return known(self, name)

    def saved(self, names: Sequence[str]) -> subprocess.Popen[bytes]:
        """Stream an archive of the images `names`: each layer once, not compressed."""
        many = ["--multi-image-archive"] if self.program == "podman" else []
        command = [self.program, "save", *many, *map(build.reference, names)]
        return subprocess.Popen(command, stdout=subprocess.PIPE)


@cache
def inside(images: Images, name: str) -> dict[str, Any]:
    """Run the inspecting program in the image `name`, once."""
    program = ROOT.joinpath("tests/images/inspected.py").read_text()
    done = images.run(name, "-c", program, options=["--entrypoint=python"])
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@cache
def known(images: Images, name: str) -> dict[str, Any]:
    """Ask the engine about the image `name`, once."""
    command = (images.program, "image", "inspect", build.reference(name))
    told: dict[str, Any] = json.loads(said(*command).stdout)[0]
    return told


def said(*command: str) -> subprocess.CompletedProcess[str]:
    """Run `command` and keep what it says."""
    return subprocess.run(command, capture_output=True, text=True)


def make(environ: dict[str, str]) -> None:
    """Build every image for CPUs, on a base made here unless BASE names one."""
    if "BASE" not in os.environ:
        base = said(str(ROOT / "images/stand-in-base"))
        assert base.returncode == 0, base.stderr
        environ = {**environ, "BASE": base.stdout.strip()}
    done = subprocess.run([sys.executable, ROOT / "images/build.py"], env={**os.environ, **environ})
    assert done.returncode == 0, "see the lines above, and build/images/*.log"


@pytest.fixture(scope="session")
def images() -> Images:
    """Build the images, on a machine that knows a secret in four places."""
    try:
        engine = build.found_engine()
    except build.BuildError as error:
        pytest.fail(str(error), pytrace=False)
    settings = host.pip_settings(host.said(sys.executable, "-m", "pip", "config", "list"))
    more = settings.get("extra-index-url", "")
    make(
        {
            "ENGINE": engine.program,
            "CODEKILN_SOURCE": SOURCE,
            "CODEKILN_TOKEN": PLANTED,
            "PIP_TRUSTED_HOST": f"{PLANTED}.test",
            # nobody answers there, which pip learns at once, and twice
            "PIP_EXTRA_INDEX_URL": f"{more} https://reader:{PLANTED}@127.0.0.1:9/simple",
            "PIP_RETRIES": "1",
        }
    )
    return Images(engine.program)


@pytest.mark.parametrize("name", NAMES)
def test_it_tells_its_usage_to_a_stranger(images: Images, name: str) -> None:
    done = images.run(name, "--help")
    assert done.stdout.startswith("usage: ")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_not_root(images: Images, name: str) -> None:
    assert images.told(name)["Config"]["User"] == "65532:65532"


@pytest.mark.parametrize("name", NAMES)
def test_only_tmp_is_written_to(images: Images, name: str) -> None:
    inside = images.inside(name)
    assert inside["uid"] == int(STRANGER.split(":")[0])
    assert inside["writable"] == [inside["environ"]["HOME"]] == ["/tmp"]  # noqa: S108  # the image's


@pytest.mark.parametrize("name", NAMES)
def test_a_cpu_image_holds_nothing_of_cuda(images: Images, name: str) -> None:
    assert [file for file in images.inside(name)["files"] if CUDA.search(file)] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_installs_or_builds_is_in_reach(images: Images, name: str) -> None:
    inside = images.inside(name)
    assert (inside["programs"], inside["importable"]) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_what_it_runs_is_compiled(images: Images, name: str) -> None:
    assert images.inside(name)["uncompiled"] == []


@pytest.mark.parametrize("name", NAMES)
def test_its_list_of_parts_names_what_is_installed(images: Images, name: str) -> None:
    sbom = images.inside(name)["sbom"]
    parts = {part["name"]: part["version"] for part in sbom["components"]}
    itself = sbom["metadata"]["component"]
    assert sbom["bomFormat"] == "CycloneDX"
    assert {**parts, itself["name"]: itself["version"]} == images.inside(name)["installed"]


@pytest.mark.parametrize("name", NAMES)
def test_addresses_in_its_list_of_parts_are_addresses(images: Images, name: str) -> None:
    parts = images.inside(name)["sbom"]["components"]
    told = [more["url"] for part in parts for more in part.get("externalReferences", [])]
    assert told
    assert [url for url in told if not ADDRESS.fullmatch(url)] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_was_made_from(images: Images, name: str) -> None:
    labels = images.told(name)["Config"]["Labels"]
    told = {key: labels.get(f"{build.LABEL}.{key}") for key in ("version", "source", "licenses")}
    assert told == {
        "version": build.project("version"),
        "source": SOURCE,
        "licenses": "Apache-2.0",
    }
    revision = labels[f"{build.LABEL}.revision"].removesuffix("-dirty")
    written = int(build.git("log", "-1", "--format=%ct", revision))
    created = datetime.fromisoformat(labels[f"{build.LABEL}.created"])
    assert created == datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", written)), UTC)


@pytest.mark.parametrize("name", NAMES)
def test_it_stays_small(images: Images, name: str) -> None:
    assert images.told(name)["Size"] / 1e6 < LIMITS_MB[name]


def needles() -> Iterator[str]:
    """List what would show that something of this machine got into an image."""
    yield PLANTED
    settings = host.pip_settings(host.said(sys.executable, "-m", "pip", "config", "list"))
    yield from map(str, host.folders(settings))
    for place in " ".join(settings.values()).split():
        if match := re.match(r"https?://([^/:]+)", place):
            yield match[1]
    if len(socket.gethostname()) >= 8:  # a short one is a word, which any file may hold
        yield socket.gethostname()
    for certificate in Path("/usr/local/share/ca-certificates").glob("**/*.crt"):
        yield certificate.read_text().splitlines()[1]


def test_nothing_of_the_machine_that_built_them_is_in_a_layer(images: Images) -> None:
    present = "How a phase becomes a container in a pipeline"  # proves that layers are searched
    wanted = [needle.encode() for needle in (present, *needles())]
    found: set[bytes] = set()
    rest = b""
    with images.saved(NAMES) as archive:
        assert archive.stdout is not None
        while chunk := archive.stdout.read(1 << 24):
            # one after the other: a pattern of all of them takes five times as long
            text = rest + chunk
            found.update(needle for needle in wanted if needle in text)
            rest = chunk[-200:]
    assert archive.returncode == 0
    assert found == {present.encode()}


def test_phases_work_in_their_images_one_after_the_other(images: Images, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    histories.line(repository, commits=3)
    out = tmp_path / "out"
    out.mkdir(mode=0o777)
    out.chmod(0o777)
    mounts = [f"--volume={repository}:/repository:ro", f"--volume={out}:/out"]
    for name, output in (("survey-history", "survey"), ("mine-commits", "commits")):
        flags = ("--repository=/repository", f"--{output}=/out/{output}")
        done = images.run(name, *flags, options=mounts)
        assert done.returncode == 0, done.stderr
        manifest = json.loads(out.joinpath(output, "manifest.json").read_text())
        assert manifest["counts"]["commits"] == 3


def test_an_image_of_the_program_knows_the_recipes(images: Images) -> None:
    done = images.run("cli", "run", "history", "--help")
    assert done.returncode == 0, done.stderr
    assert "laptop" in done.stdout


def test_preparing_a_machine_that_is_ready_changes_nothing() -> None:
    def settings() -> list[tuple[Path, float]]:
        return [(path, path.stat().st_mtime) for path in sorted(Path("/etc/containers").rglob("*"))]

    before = settings()
    done = subprocess.run([ROOT / "images/prepare"], env=os.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert settings() == before
