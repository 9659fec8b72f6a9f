#!/usr/bin/env python3
"""Build codekiln's images with podman or docker, whichever is there.

    images/build.py                     all images for CPUs
    images/build.py tokenize report     these
    images/build.py train-model-cuda    the one for GPUs: several GB of wheels

The environment may name ENGINE (podman, docker), BASE (an image that has Python 3.11),
CODEKILN_REGISTRY and CODEKILN_TAG (as for `codekiln compile`), CODEKILN_SOURCE (the address of the
sources, for the label) and SOURCE_DATE_EPOCH. What the engine says goes to build/images/NAME.log.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import host
from host import Host

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build/images"

FAMILIES = {
    "survey-history": "history",
    "mine-commits": "history",
    "tokenize": "tokens",
    "plan-training": "plan",
    "embed-commits": "embed",
    "train-model": "train",
    "report": "report",
    "discover-repos": "github",
    "collect-pulls": "github",
    "reconcile-pulls": "report",
    "snapshot-pulls": "history",
    "build-examples": "examples",
    "gather-examples": "history",
    "clean-corpus": "corpus",
    "train-tokenizer": "packing",
    "pack-examples": "packing",
    "describe-corpus": "report",
    "cli": "pipelines",
    "train-model-cuda": "train-cuda",
    "go": "go",
}
"""Each image with the lock that it is made from."""

ON_DEMAND = frozenset({"train-model-cuda", "go"})
"""Built only by name: the first is for GPUs, the second a base that no phase uses yet."""

INSTALLING = ("tools", "made-")
"""How the names of those stages begin that look for packages."""

LABEL = "org.opencontainers.image"


class BuildError(Exception):
    """A build cannot start or has failed: one line that says why, and what to do."""


@dataclass(frozen=True)
class Engine:
    """The program that builds, and the base to build on (nothing: the Containerfile's own)."""

    program: str
    base: str

    def build(self, stage: str, options: Sequence[str], log: Path) -> None:
        """Build `stage`; raise BuildError with the log's last lines where it fails."""
        command = [self.program, "build", "--file=images/Containerfile", f"--target={stage}"]
        if self.base:
            command.append(f"--build-arg=BASE={self.base}")
        command += self.own_options()
        environ = {**os.environ, "DOCKER_BUILDKIT": "1"}
        with log.open("ab") as told:
            done = subprocess.run(
                [*command, *options, "."], cwd=ROOT, env=environ, stdout=told, stderr=told
            )
        if done.returncode:
            raise BuildError(f"{stage} was not built; the last lines of {log}:\n{tail(log)}")

    def own_options(self) -> list[str]:
        """Say what docker does by itself and podman must be told."""
        if self.program == "docker":
            return []
        options = ["--layers", "--ignorefile=images/Containerfile.dockerignore"]
        # a base that was made here is in no registry
        return [*options, "--pull=never"] if self.has(self.base) else options

    def has(self, image: str) -> bool:
        """Say whether `image` is on this machine."""
        return bool(image) and bool(host.said(self.program, "image", "inspect", image))

    def size_mb(self, image: str) -> float:
        """Return the size of `image`, unpacked, with the layers that it shares."""
        return int(host.said(self.program, "image", "inspect", "--format={{.Size}}", image)) / 1e6


def main() -> int:
    """Build what is asked for, and list it with its sizes."""
    told = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    told.add_argument("images", nargs="*", metavar="IMAGE", help=", ".join(FAMILIES))
    names = told.parse_args().images or [name for name in FAMILIES if name not in ON_DEMAND]
    try:
        build_all(names, found_engine())
    except BuildError as error:
        sys.stderr.write(f"codekiln: {error}\n")
        return 2
    return 0


def build_all(names: Sequence[str], engine: Engine) -> None:
    """Build the images `names`, one after the other: they share most of their layers."""
    if unknown := [name for name in names if name not in FAMILIES]:
        raise BuildError(f"there is no image {unknown[0]}; there are {', '.join(FAMILIES)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    borrowed = lendable(host.this_host(), engine)
    described = labels()  # once: someone may commit while the images are built
    with secrets(borrowed) as files:
        lent = [*files, *arguments(borrowed)]
        lent += build_stages(below(names), engine, lent, borrowed.folders)
        for name in names:
            started = time.monotonic()
            engine.build(name, [*lent, *described, f"--tag={reference(name)}"], emptied(name))
            size = engine.size_mb(reference(name))
            say(f"{reference(name):<50} {size:6.0f} MB   {time.monotonic() - started:4.0f} s")


def build_stages(
    stages: Iterable[str], engine: Engine, lent: Sequence[str], folders: Sequence[Path]
) -> list[str]:
    """Build each of `stages` once; return the options by which a build takes from them.

    podman would look through them all again for each image. A mounted folder would leave its name
    in a shipped layer: only stages that install, and are not shipped, see `folders`.
    """
    if engine.program == "docker":  # which remembers what it has read of a stage
        return []
    mounts = [f"--volume={folder}:{folder}:ro" for folder in folders]
    given: list[str] = []
    for stage in stages:
        seen = mounts if stage.startswith(INSTALLING) else []
        options = [*lent, *given, *seen, f"--tag={of_stage(stage)}"]
        engine.build(stage, options, emptied(stage))
        given.append(f"--build-context={stage}=container-image://{of_stage(stage)}")
    return given


def below(names: Sequence[str]) -> list[str]:
    """List the stages that the images `names` take from, each after those that it takes from."""
    text = ROOT.joinpath("images/Containerfile").read_text()
    under: dict[str, set[str]] = {}
    stage = ""
    for line in text.splitlines():
        if found := re.match(r"FROM (\S+) AS (\S+)", line):
            stage = found[2]
            under[stage] = {found[1]}
        elif found := re.match(r"COPY --from=(\S+)", line):
            under[stage].add(found[1])
    needed, left = set[str](), list(names)
    while left:
        more = under.get(left.pop(), set()) - needed
        needed |= more
        left += more
    return [stage for stage in under if stage in needed]


def emptied(name: str) -> Path:
    """Return the log of the build of `name`, without that of an earlier one."""
    log = LOGS / f"{name}.log"
    log.unlink(missing_ok=True)
    return log


def lendable(borrowed: Host, engine: Engine) -> Host:
    """Leave out what `engine` cannot lend: docker mounts no folders into a build."""
    if engine.program == "podman" or not borrowed.folders:
        return borrowed
    listed = ", ".join(map(str, borrowed.folders))
    say(f"docker cannot lend {listed} to a build: what lies there is looked for elsewhere")
    return replace(borrowed, folders=())


@contextmanager
def secrets(borrowed: Host) -> Iterator[list[str]]:
    """Lay the secrets out for the time of the build; give the options that name them."""
    with tempfile.TemporaryDirectory(prefix="codekiln-images-") as folder:
        for name, content in borrowed.secrets.items():
            Path(folder, name).write_bytes(content)
        yield [f"--secret=id={name},src={folder}/{name}" for name in borrowed.secrets]


def arguments(borrowed: Host) -> list[str]:
    """Name the proxies, and no index for torch where a folder holds its CPU build."""
    # these are predefined: engines keep them out of an image's history
    given = [f"--build-arg={name}={value}" for name, value in borrowed.proxies.items()]
    if any(next(folder.glob("torch-*+cpu-*.whl"), None) for folder in borrowed.folders):
        given.append("--build-arg=TORCH_INDEX=")
    return given


def labels() -> list[str]:
    """Say which sources an image was made from, and when they were written."""
    told = {
        "version": project("version"),
        "licenses": project("license"),
        "revision": git("rev-parse", "HEAD") + ("-dirty" if git("status", "--porcelain") else ""),
        "created": written_at(),
        "source": os.environ.get("CODEKILN_SOURCE", "")
        or without_user(git("remote", "get-url", "origin")),
    }
    return [f"--label={LABEL}.{key}={value}" for key, value in told.items() if value]


def project(key: str) -> str:
    """Read a word about the project from pyproject.toml."""
    return str(tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"][key])


def written_at() -> str:
    """Return the time of the sources, not of the build: the same sources give the same image."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or "0"
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


def without_user(address: str) -> str:
    """Remove a name and a password from `address`."""
    return re.sub(r"://[^@/]*@", "://", address)


def git(*arguments: str) -> str:
    """Ask git about the sources; nothing where they are no checkout."""
    return host.said("git", "-C", str(ROOT), *arguments).strip()


def reference(name: str) -> str:
    """Name the image as pipelines do; the variant for GPUs has a tag of its own."""
    registry = os.environ.get("CODEKILN_REGISTRY", "localhost:5000")
    tag = os.environ.get("CODEKILN_TAG", "dev")
    phase = name.removesuffix("-cuda")
    return f"{registry}/codekiln-{phase}:{tag}{name.removeprefix(phase)}"


def of_stage(stage: str) -> str:
    """Name the image of a stage that others take from; it stays on this machine."""
    return f"localhost/codekiln-stage-{stage}:{os.environ.get('CODEKILN_TAG', 'dev')}"


def found_engine() -> Engine:
    """Choose the program that builds."""
    asked = os.environ.get("ENGINE", "")
    for program in [asked] if asked else ["podman", "docker"]:
        if shutil.which(program) and host.said(program, "version"):
            return Engine(program, os.environ.get("BASE", ""))
    wanted = asked or "neither podman nor docker"
    raise BuildError(f"{wanted} runs here: install podman, on Debian as root by images/prepare")


def tail(log: Path) -> str:
    """Return the last lines of `log`."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def say(line: str) -> None:
    """Tell the user how far the builds are."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
