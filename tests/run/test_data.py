"""`codekiln run data` as a user runs it: real Go, real processes, tokens at the end."""

import json
from pathlib import Path
from typing import Any

import go_sources
import pull_folders
import pytest
import radosgw
from local_runs import codekiln, only_run

from codekiln.core.datasets.dataset import Dataset
from codekiln.core.storage.objects import open_store

PACKAGES = ("strings", "bufio", "path", "strconv", "net/url", "errors")
LATER = "sort"
KEPT = ("examples", "cleaned")
"""The data sets of a corpus."""


def collected(root: Path | str, *packages: str) -> None:
    """Put the pull requests of these packages into the data set under `root`."""
    pull_folders.dataset(root, **{name: go_sources.pulls(name) for name in packages})


def run(folder: Path, *more: str) -> str:
    """Run the pipeline to its good end; returns what it said."""
    ended = codekiln(folder, "run", "data", "--recipe", "smoke", *more)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr


def newest(folder: Path) -> Path:
    return max((folder / "codekiln-runs").iterdir(), key=lambda path: path.name)


def told(made: Path, step: str, output: str) -> dict[str, Any]:
    """Return the manifest of an output of a run."""
    text = (made / "steps" / step / output / "manifest.json").read_text()
    read: dict[str, Any] = json.loads(text)
    return read


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one finished run."""
    folder = tmp_path_factory.mktemp("data")
    collected(folder / "codekiln-data", *PACKAGES)
    run(folder)
    return folder


def test_every_pull_request_ends_as_tokens_or_with_a_reason(first: Path) -> None:
    made = oldest(first)
    examples = told(made, "gather-examples", "examples")["counts"]
    cleaned = told(made, "clean-corpus", "cleaned")["counts"]
    packed = told(made, "pack-examples", "tokens")["counts"]
    pulls = sum(len(go_sources.pulls(name)) for name in PACKAGES)
    assert examples["pull_requests"] == pulls
    assert examples["examples"] + sum_of(examples, "dropped_") == examples["candidates"]
    assert cleaned["kept"] + sum_of(cleaned, "dropped_") == cleaned["examples"]
    assert cleaned["examples"] == examples["examples"]
    assert packed["packed"] + sum_of(packed, "refused_") == cleaned["kept"] > pulls / 2


def sum_of(counts: dict[str, int], prefix: str) -> int:
    return sum(count for name, count in counts.items() if name.startswith(prefix))


def test_a_page_describes_the_data(first: Path) -> None:
    page = (oldest(first) / "card.html").read_text()
    assert "go/strings" in page
    assert "<script" not in page


def test_tonight_costs_what_is_new(first: Path) -> None:
    corpus = first / "codekiln-corpus"
    before = {name: Dataset(open_store(str(corpus / name))).newest() for name in KEPT}
    collected(first / "codekiln-data", LATER)
    run(first)
    counts = told(newest(first), "clean-corpus", "cleaned")["counts"]
    assert counts["examples"] <= len(go_sources.pulls(LATER))
    after = {name: Dataset(open_store(str(corpus / name))).newest() for name in KEPT}
    for name, version in before.items():
        kept = {key: entry for key, entry in after[name].entries.items() if key != LATER}
        assert kept == version.entries


@pytest.mark.platform
@pytest.mark.s3
def test_containers_with_a_bucket_make_the_same_tokens(
    tmp_path: Path, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment(tls=True))
    bucket = f"s3://{server.new_bucket()}"
    collected(f"{bucket}/pulls", *PACKAGES)
    monkeypatch.setenv("CODEKILN_MASKING_KEY", "planted-key-7f3a")
    run(tmp_path, "--data", f"{bucket}/pulls", "--corpus", f"{bucket}/corpus", "--containers")
    tokens = told(only_run(tmp_path), "pack-examples", "tokens")
    assert (
        tokens["inputs"]["written"]
        == told(oldest(first), "pack-examples", "tokens")["inputs"]["written"]
    )
    examples = told(only_run(tmp_path), "gather-examples", "examples")["counts"]
    assert examples["syntax_valid"] == examples["examples"]
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if b"planted-key-7f3a" in path.read_bytes()]


def oldest(folder: Path) -> Path:
    return min((folder / "codekiln-runs").iterdir(), key=lambda path: path.name)
