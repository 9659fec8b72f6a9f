import json

import pytest

from codekiln.core.outputs import Executor


def executor(*uris: str) -> Executor:
    listed = {str(n): {"artifacts": [{"uri": uri}]} for n, uri in enumerate(uris)}
    return Executor(json.dumps({"outputs": {"artifacts": listed}}))


@pytest.mark.parametrize(
    ("output", "root"),
    [
        ("s3://bucket/v2/history/0f3e/train-model/77aa/model", "s3://bucket/v2/history/0f3e"),
        ("/home/me/runs/history-1/steps/train-model/model", "/home/me/runs/history-1"),
    ],
)
def test_the_root_of_a_run_is_the_same_number_of_names_up_on_a_cluster_and_here(
    output: str, root: str
) -> None:
    assert executor(output).run_root == root


def test_the_outputs_of_a_task_lie_in_one_place() -> None:
    task = executor("s3://b/p/run/task/salt/model", "s3://b/p/run/task/salt/metrics")
    assert task.place == "s3://b/p/run/task/salt"


def test_outside_a_pipeline_there_is_no_place_and_no_run() -> None:
    assert (Executor().place, Executor().run_root) == ("", "")
