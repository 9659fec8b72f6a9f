"""The same in an S3 store."""

import json
import secrets
from pathlib import Path

import pytest
import radosgw
from forgetting import NEEDLE, THREAD, World, holding

from codekiln.forget import command

pytestmark = pytest.mark.s3


def test_a_repository_is_erased_from_a_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    root = f"s3://{server.new_bucket()}/{secrets.token_hex(4)}"
    world = World(root, tmp_path / "runs")
    world.make(tmp_path)
    assert len(holding(world.store(), NEEDLE)) == 7
    words = ["acme/router", *world.flags, "--json"]
    command.main([*words, "--dry-run"])
    shown = json.loads(capsys.readouterr().out)
    command.main([*words, "--erase"])
    told = json.loads(capsys.readouterr().out)
    assert told["seen_by"] == shown["seen_by"]
    assert holding(world.store(), NEEDLE) == []
    assert len(holding(world.store(), THREAD)) >= 4
    assert any("if the bucket keeps them" in one for one in told["not_looked_at"])
