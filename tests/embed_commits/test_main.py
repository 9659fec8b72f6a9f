"""The embed_commits phase from a folder of commits to points."""

import dataclasses
import json
from pathlib import Path

import builders
import numpy as np
import pytest

from codekiln.core import manifest
from codekiln.core.embedding import encoder, points
from codekiln.core.errors import InputError
from codekiln.core.outputs import Executor
from codekiln.core.program import perform
from codekiln.embed_commits.__main__ import embed_commits, read, rfc3339
from codekiln.embed_commits.settings import Settings


def test_every_commit_gets_a_vector_and_the_manifest_names_the_model(tmp_path: Path) -> None:
    commits = builders.mined(
        tmp_path / "commits",
        [
            builders.commit(2, "add a cache", complexity_score=0.5),
            builders.commit(1, "start\n\nthe first"),
        ],
    )
    out = tmp_path / "embeddings"
    perform(embed_commits, Settings(commits=commits, embeddings=out), Executor())
    told = manifest.read(out)
    assert told.counts == {"commits": 2, "dimensions": 384}
    assert told.inputs["model"] == encoder.find().digest
    with np.load(out / points.ARRAYS) as arrays:
        assert arrays["embeddings"].shape == (2, 384)
    [batch] = points.read_batches(out)
    assert [point["payload"]["subject"] for point in batch] == ["start", "add a cache"]
    assert batch[1]["payload"]["complexity"] == 0.5
    assert json.loads((out / points.COLLECTION).read_text())["vectors"]["size"] == 384


def test_a_point_tells_who_when_and_how_much_and_its_text_names_the_paths(tmp_path: Path) -> None:
    diff = "@@ -1 +1 @@\n-old\n+new\n"
    made = builders.commit(
        1, "fix a race\n\nin the cache", diff, author_name="Ann", committer_name="Bo",
        author_time=1_600_000_000, committer_time=1_700_000_000, files_changed=3,
        complexity_score=0.25,
    )  # fmt: skip
    [text], [payload] = read(builders.mined(tmp_path, [made]))
    assert dataclasses.asdict(payload) == {
        "hash": made.hash, "abbrev_hash": made.abbrev_hash, "author": "Ann",
        "timestamp": "2023-11-14T22:13:20Z", "subject": "fix a race", "complexity": 0.25,
        "files_changed": 3,
    }  # fmt: skip
    assert text.endswith("\n" + made.diff_stats[0].path)


def test_a_folder_without_commits_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no commits"):
        read(builders.mined(tmp_path / "none", []))


@pytest.mark.parametrize("seconds", [2**63 - 1, -(2**63)])
def test_a_broken_clock_gives_a_time_that_qdrant_reads(seconds: int) -> None:
    assert rfc3339(seconds) == "1970-01-01T00:00:00Z"
    assert rfc3339(1_700_000_000) == "2023-11-14T22:13:20Z"
