"""The ledger of a run on a cluster: data and run lie in object storage, the run under a salt."""

import json
from pathlib import Path

import pytest
import radosgw
from ledgers_made import Collected, LeftRun

from codekiln.core import program
from codekiln.core.corpus.ledger import Sums
from codekiln.core.storage.objects import open_store
from codekiln.reconcile_pulls.__main__ import reconcile_pulls
from codekiln.reconcile_pulls.settings import Settings

pytestmark = pytest.mark.s3

RUN = "v2/collect/7f0c"


def test_a_run_and_its_data_in_a_bucket_give_the_same_ledger(
    tmp_path: Path, left: LeftRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    bucket = open_store(f"s3://{server.new_bucket()}")
    Collected(f"{bucket.uri}/pulls").add("a/b", Sums(total=9, collected=3, beyond=6))
    left.discovered("a/b").collected([0, 1], of=2)
    for path in left.root.rglob("*"):
        if path.is_file():
            task, *rest = path.relative_to(left.root / "steps").parts
            bucket.upload("/".join([RUN, task.partition(".")[0], f"salt-{task}", *rest]), path)
    uri = f"{bucket.uri}/{RUN}/reconcile-pulls/salt/ledger"
    outputs = {
        "artifacts": {"ledger": {"artifacts": [{"name": "ledger", "uri": uri}]}},
        "outputFile": str(tmp_path / "out" / "output_metadata.json"),
    }
    argv = [
        "--data", f"{bucket.uri}/pulls", "--ledger", str(tmp_path / "ledger"), "--gate", "true",
        "--executor-input", json.dumps({"outputs": outputs}),
    ]  # fmt: skip
    program.run(reconcile_pulls, Settings, argv)
    told = json.loads((tmp_path / "ledger" / "ledger.json").read_text())
    assert (told["verdict"], told["name"]) == ("complete", "collect-20261121T020000Z")
    assert told["shards"] == {"of": 2, "done": [0, 1]}
    assert told["as_of"] == "2026-11-21T02:00:00+00:00"
