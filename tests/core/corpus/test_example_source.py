import pickle
from pathlib import Path

import pytest
from example_folders import built, example

from codekiln.core.corpus import example_source
from codekiln.core.datasets import forgotten, reference
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.errors import InputError
from codekiln.core.storage.local import LocalFolder


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files of examples, each in a folder of its own."""
    folders = [built(tmp_path / f"files-{n}", map(example, (n, n + 10))) for n in (1, 2)]
    return [next(folder.glob("*.parquet")) for folder in folders]


@pytest.fixture
def referred(tmp_path: Path, files: list[Path]) -> Path:
    """A folder that hands on a version with the same examples, in two repositories."""
    dataset = Dataset(LocalFolder(tmp_path / "data"))
    shards = [dataset.put(file, rows=2, first=1, last=12) for file in files]
    entries = {
        key: Entry(key, {"examples": (shard,)}) for key, shard in zip("ab", shards, strict=True)
    }
    changes = {key: (lambda _, entry=entry: entry) for key, entry in entries.items()}
    (tmp_path / "examples").mkdir()
    reference.write(tmp_path / "examples", dataset.uri, dataset.commit(changes, run="test"), {})
    return tmp_path / "examples"


def test_a_folder_of_files_is_read_in_their_order(files: list[Path]) -> None:
    found = example_source.source(files[0].parent)
    assert ([part.rows for part in found.parts], found.rows, found.digest) == ([2], 2, "")
    assert [one.number for one in example_source.read(files[0].parent)] == [1, 11]


def test_a_version_is_read_by_repository_and_each_process_can_read_its_part(
    referred: Path,
) -> None:
    found = example_source.source(referred)
    assert found.digest == reference.read(referred).version.digest
    parts = pickle.loads(pickle.dumps(found.parts))  # noqa: S301 -- what is pickled is ours
    assert [(part.key, [one.number for one in part.read()]) for part in parts] == [
        ("a", [1, 11]),
        ("b", [2, 12]),
    ]


def test_a_fetched_file_is_gone_after_its_use_and_the_users_own_stays(
    referred: Path, files: list[Path]
) -> None:
    for folder, stays in ((referred, False), (files[0].parent, True)):
        with example_source.source(folder).parts[0].file() as path:
            assert path.is_file()
        assert path.is_file() is stays


def test_a_folder_with_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no examples-\*\.parquet"):
        example_source.source(tmp_path)


def test_what_was_forgotten_since_is_not_read(referred: Path) -> None:
    told = reference.read(referred)
    one = Forgotten(key="a", name="acme/a", when="")
    told.dataset.commit({}, run="forget", state=forgotten.kept_out(one))
    found = example_source.source(referred)
    assert [part.key for part in found.parts] == ["b"]
    assert found.digest == told.version.digest
    # Who asked before does not ask again.
    assert len(example_source.source(referred, frozenset()).parts) == 2
