"""The page that leads to a run on an existing Kubeflow says nothing that does not work."""

import re
import shlex
from pathlib import Path

from kubeflow_api import KubeflowApi

from codekiln_pipelines import cli, packages

PAGE = Path(__file__).parents[2] / "docs" / "existing-kubeflow.md"


def commands() -> list[list[str]]:
    """Return the arguments of each `codekiln` command on the page, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("codekiln ")]


def test_every_command_of_the_page_is_taken_in_the_order_it_stands(api: KubeflowApi) -> None:
    told = [argv for argv in commands() if argv[0] != "doctor"]
    assert {argv[0] for argv in told} == {"submit", "follow", "terminate", "schedule", "upload"}
    for argv in told:
        run_id = next(iter(api.runs), "")
        words = [word.replace("RUN_ID", run_id) for word in argv if word != "--port-forward"]
        assert cli.dispatch(words) == 0, argv
    assert len(api.runs) == 2
    assert [made["display_name"] for made in api.recurring.values()] == ["nightly"]
    assert [version["tags"] for version in api.versions.values()] == [
        {"team": "ml"} for _ in packages.names()
    ]
