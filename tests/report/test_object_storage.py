"""The report of a run on a cluster: everything it tells comes from object storage."""

import json
from pathlib import Path

import pytest
import radosgw

from codekiln.core import program
from codekiln.core.errors import InputError
from codekiln.core.outputs import FAILURE
from codekiln.core.program import Done
from codekiln.core.storage import folders
from codekiln.core.storage.objects import Objects, open_store
from codekiln.report.__main__ import report
from codekiln.report.settings import Settings

pytestmark = pytest.mark.s3


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Objects:
    """Return a fresh bucket of a real server."""
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    return open_store(f"s3://{server.new_bucket()}")


def executor_input(bucket: Objects, task: str, here: Path) -> str:
    """Say where a task of the run v2/history/7f0c writes, as a cluster says it."""
    uri = f"{bucket.uri}/v2/history/7f0c/{task}/salt/report"
    outputs = {
        "artifacts": {"report": {"artifacts": [{"name": "report", "uri": uri}]}},
        "outputFile": str(here / task / "output_metadata.json"),
    }
    return json.dumps({"outputs": outputs})


def told(bucket: Objects, out: Path) -> dict[str, object]:
    """Run the phase as the exit task of that run; return its document."""
    given = executor_input(bucket, "report", out)
    argv = ["--report", str(out / "report"), "--executor-input", given]
    program.run(report, Settings, argv)
    document: dict[str, object] = json.loads((out / "report/MANIFEST_DYNAMIC.json").read_text())
    return document


def test_a_run_in_a_bucket_is_found_by_the_outputs_of_the_report_itself(
    whole: Path, bucket: Objects, tmp_path: Path
) -> None:
    folders.upload(bucket, whole / "steps", "v2/history/7f0c")
    document = told(bucket, tmp_path)
    stats, training = document["repository_stats"], document["training_report"]
    assert isinstance(stats, dict)
    assert isinstance(training, dict)
    assert stats["mined"]["commits"] == 4
    assert training["epochs"] == 2
    assert document["notes"] == []


def test_a_step_that_fails_on_a_cluster_tells_the_report_why(
    bucket: Objects, tmp_path: Path
) -> None:
    def stumble(settings: Settings) -> Done:
        raise InputError(f"{settings.repository} holds no commits")

    given = executor_input(bucket, "mine-commits", tmp_path)
    argv = ["--report", str(tmp_path / "out"), "--repository", "/r", "--executor-input", given]
    with pytest.raises(SystemExit):
        program.run(stumble, Settings, argv)
    assert list(bucket.names()) == [f"v2/history/7f0c/mine-commits/salt/{FAILURE}"]
    record = json.loads(bucket.read(f"v2/history/7f0c/mine-commits/salt/{FAILURE}"))
    assert (record["error"], record["exit_code"]) == ("/r holds no commits", 2)
