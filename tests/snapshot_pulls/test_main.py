import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from pull_folders import dataset
from pulls_made import pull

from codekiln.core import manifest, program
from codekiln.core.corpus.pulls import PullRequest
from codekiln.core.datasets import forgotten, reference
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.manifest import Manifest
from codekiln.core.storage import probe
from codekiln.core.storage.local import LocalFolder
from codekiln.snapshot_pulls.__main__ import snapshot_pulls
from codekiln.snapshot_pulls.settings import Settings


@pytest.fixture(autouse=True)
def folders_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "ROUNDS", 1)


def run(folder: Path, *flags: str) -> Manifest:
    argv = ["--data", str(folder / "data"), "--collected", str(folder / "out"), *flags]
    program.run(snapshot_pulls, Settings, argv)
    return manifest.read(folder / "out")


def test_the_newest_version_is_counted_and_handed_on_and_stays(tmp_path: Path) -> None:
    dataset(tmp_path / "data", R_a=[pull(1)])
    newest = dataset(tmp_path / "data", R_b=[pull(2), pull(30)])
    made = run(tmp_path)
    assert made.counts == {"repositories": 2, "pull_requests": 3}
    assert made.inputs == {"data": newest.digest}
    assert reference.read(tmp_path / "out").version == newest
    names = Dataset(LocalFolder(tmp_path / "data")).names()
    assert [*names.values()] == [2]
    assert re.fullmatch(r"data-\d{8}T\d{6}Z", next(iter(names)))
    run(tmp_path)
    assert Dataset(LocalFolder(tmp_path / "data")).names() == names


def test_a_version_that_has_a_name_keeps_it_and_is_found_by_it(tmp_path: Path) -> None:
    first = dataset(tmp_path / "data", R_a=[pull(1)])
    dataset(tmp_path / "data", R_b=[pull(2)])
    data = Dataset(LocalFolder(tmp_path / "data"))
    data.name(first, "collect-1")
    assert run(tmp_path, "--version", "collect-1").counts["repositories"] == 1
    assert reference.read(tmp_path / "out").version == first
    assert data.names() == {"collect-1": 1}


def test_what_was_forgotten_since_a_version_is_not_counted(tmp_path: Path) -> None:
    dataset(tmp_path / "data", R_a=[pull(1), pull(2)], R_b=[pull(3)])
    one = Forgotten(key="R_a", name="acme/a", when="")
    data = Dataset(LocalFolder(tmp_path / "data"))
    data.commit({}, run="forget", state=forgotten.kept_out(one))
    made = run(tmp_path, "--version", "1")
    assert made.counts == {"repositories": 1, "pull_requests": 1}


@pytest.mark.parametrize("repositories", [{}, {"R_a": ()}], ids=["no repository", "no pull"])
def test_a_data_set_without_pull_requests_is_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    repositories: dict[str, Sequence[PullRequest]],
) -> None:
    dataset(tmp_path / "data", **repositories)
    with pytest.raises(SystemExit) as ended:
        run(tmp_path)
    assert ended.value.code == 2
    assert "holds no pull requests: collect some" in capsys.readouterr().err
