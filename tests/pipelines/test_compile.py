import argparse
import difflib
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from codekiln.core.errors import InputError
from codekiln.core.flags import Parser
from codekiln_pipelines import compile as command
from codekiln_pipelines import packages
from codekiln_pipelines.cluster import Cluster

GOLDENS = Path(__file__).parent / "goldens"
CASES = [line.split(maxsplit=1) for line in (GOLDENS / "cases.txt").read_text().splitlines()]


def parsed(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = Parser(prog="codekiln")
    command.add(parser.add_subparsers(dest="command"))
    return parser.parse_known_args(["compile", *argv])


def compiled(argv: list[str], into: Path) -> int:
    told, rest = parsed([*argv, "--into", str(into)])
    return int(told.do(told, rest))


@pytest.mark.parametrize(("case", "flags"), CASES)
@pytest.mark.parametrize("name", packages.names())
def test_a_package_is_as_it_was_when_a_person_last_looked(
    name: str, case: str, flags: str, tmp_path: Path
) -> None:
    assert compiled([name, *shlex.split(flags)], tmp_path) == 0
    golden = GOLDENS / case / f"{name}.yaml"
    was = golden.read_text(encoding="utf-8") if golden.exists() else ""
    now = (tmp_path / f"{name}.yaml").read_text(encoding="utf-8")
    changed = "\n".join(difflib.unified_diff(was.splitlines(), now.splitlines(), lineterm="", n=2))
    if now != was:
        pytest.fail(
            f"{case}/{name}.yaml is not what it was:\n{changed}\n"
            f"If this is what you want: make goldens, then look at git diff {GOLDENS}",
            pytrace=False,
        )


def test_no_golden_is_left_of_a_case_that_is_gone() -> None:
    wanted = {f"{case}/{name}.yaml" for case, _ in CASES for name in packages.names()}
    assert {str(path.relative_to(GOLDENS)) for path in GOLDENS.glob("*/*")} == wanted


def test_without_flags_a_package_is_for_any_cluster() -> None:
    told, _ = parsed([])
    assert command.cluster_of(told) == Cluster()
    assert told.pipelines == packages.names()


def test_each_flag_says_one_thing_of_the_cluster() -> None:
    told, _ = parsed(
        shlex.split(
            "--pool h100 --registry ghcr.io/me/ --tag 1.2 --queue q --priority p --s3-secret a "
            "--s3-config b --github-secret d --masking-secret e --image-pull-secret c "
            "--image-pull-policy Always --cache --no-storage"
        )
    )
    assert command.cluster_of(told) == Cluster(
        pool="h100",
        registry="ghcr.io/me",
        tag="1.2",
        queue="q",
        priority="p",
        s3_secret="a",  # noqa: S106
        s3_config="b",
        github_secret="d",  # noqa: S106
        masking_secret="e",  # noqa: S106
        image_pull_secret="c",  # noqa: S106
        image_pull_policy="Always",
        cache=True,
        storage=False,
    )


def test_the_path_of_each_package_is_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compiled(["history"], tmp_path / "new") == 0
    assert capsys.readouterr().out == f"{tmp_path}/new/history.yaml\n"


@pytest.mark.parametrize("registry", ["ghcr.io/me", "localhost:5000", "[fd00::1]:5000/a/b_c"])
def test_a_registry_may_have_a_port_a_path_and_an_address(registry: str, tmp_path: Path) -> None:
    assert compiled(["collect", "--registry", registry, "--tag", "v1.2_x"], tmp_path) == 0
    assert f"{registry}/codekiln-discover-repos:v1.2_x" in (tmp_path / "collect.yaml").read_text()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--que", "q"], "unknown argument --que"),
        (["histroy"], "unknown pipeline histroy: did you mean history"),
        (["--pool", "a10"], "invalid choice: 'a10'"),
        (["--priority", "p"], "give --queue with --priority"),
        (["--queue", "My Queue"], "--queue is 'My Queue', no name that Kubernetes takes"),
        (["--registry", "https://ghcr.io/me"], "is no name of an image"),
        (["--registry", "ghcr.io/Me"], "is no name of an image"),
        (["--tag", "a b"], "is no name of an image"),
        (["--tag", "x" * 129], "is no name of an image"),
    ],
)
def test_a_slip_is_told_in_one_line(argv: list[str], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        compiled(argv, tmp_path)


def test_a_queue_adds_its_labels_and_changes_nothing_else(tmp_path: Path) -> None:
    for pool in ("cpu", "a100", "h100"):
        compiled(["history", "--pool", pool], tmp_path / "plain")
        compiled(["history", "--pool", pool, "--queue", "q"], tmp_path / "queue")
        plain, queue = (
            list(
                yaml.load_all(
                    (tmp_path / kind / "history.yaml").read_text("utf-8"), yaml.CSafeLoader
                )
            )
            for kind in ("plain", "queue")
        )
        for executor in queue[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values():
            assert executor["podMetadata"]["labels"].pop("kueue.x-k8s.io/queue-name") == "q"
        assert queue == plain


def test_who_asks_for_help_does_not_wait_for_kubeflow() -> None:
    program = "import sys, codekiln_pipelines.compile; print('kfp' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout == b"False\n"
