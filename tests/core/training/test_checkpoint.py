import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from codekiln.core.errors import InputError
from codekiln.core.training import checkpoint, state
from codekiln.core.training.checkpoint import Checkpoint, LocalStore
from codekiln.core.training.early_stopping import Standing


def made(value: float, best_step: int = 0) -> Checkpoint:
    held = state.State(fingerprint="f", losses=[value], standing=Standing(best_step=best_step))
    return Checkpoint(
        weights={"w": torch.full((4,), value)},
        optimizer={"m": torch.zeros(4)},
        state=held.to_json(),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStore]:
    opened = LocalStore(tmp_path / "store")
    yield opened
    opened.close()


def test_a_checkpoint_comes_back_as_it_was(store: LocalStore) -> None:
    checkpoint.save(store, 3, made(3.0))
    found = checkpoint.latest(store)
    assert found
    assert torch.equal(found.weights["w"], torch.full((4,), 3.0))
    assert state.from_json(found.state).losses == [3.0]


def test_an_empty_store_has_no_checkpoint(store: LocalStore) -> None:
    assert checkpoint.latest(store) is None


@pytest.mark.parametrize("name", [checkpoint.WEIGHTS, checkpoint.OPTIMIZER, checkpoint.STATE])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(store: LocalStore, name: str) -> None:
    checkpoint.save(store, 1, made(1.0))
    checkpoint.save(store, 2, made(2.0))
    path = store.root / checkpoint.name_of(2) / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    found = checkpoint.latest(store)
    assert found
    assert found.weights["w"][0] == 1.0
    assert store.names() == [checkpoint.name_of(1)]


def test_a_checkpoint_whose_best_weights_are_damaged_is_not_used(store: LocalStore) -> None:
    checkpoint.save(store, 1, made(1.0))
    checkpoint.save_best(store, 2, {"w": torch.ones(4)})
    checkpoint.save(store, 2, made(2.0, best_step=2))
    (store.root / checkpoint.best_name(2) / checkpoint.WEIGHTS).write_bytes(b"")
    found = checkpoint.latest(store)
    assert found
    assert found.weights["w"][0] == 1.0


def test_a_half_written_checkpoint_is_ignored_and_removed(tmp_path: Path) -> None:
    half = tmp_path / (checkpoint.PARTIAL + checkpoint.name_of(5))
    half.mkdir()
    (half / checkpoint.WEIGHTS).write_bytes(b"half")
    store = LocalStore(tmp_path)
    assert checkpoint.latest(store) is None
    assert not half.exists()
    store.close()


def test_a_write_that_fails_leaves_nothing(store: LocalStore) -> None:
    def fail() -> None:
        with store.write("step-00000001") as folder:
            (folder / "file").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.names() == []
    assert [path.name for path in store.root.iterdir()] == [".lock"]


def test_the_newest_checkpoints_and_their_best_are_kept(store: LocalStore) -> None:
    for step in (2, 4):
        checkpoint.save_best(store, step, {"w": torch.ones(4)})
    for step, best in ((1, 0), (2, 2), (3, 2), (4, 4), (5, 4)):
        checkpoint.save(store, step, made(float(step), best_step=best))
    checkpoint.prune(store, keep=2)
    assert store.names() == ["best-00000004", "step-00000004", "step-00000005"]


def test_two_runs_cannot_share_a_folder(store: LocalStore) -> None:
    with pytest.raises(InputError, match="another run"):
        LocalStore(store.root)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_is_one_line_and_leaves_the_checkpoint_before_whole(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this container may not mount")
    try:
        store = LocalStore(disk)
        checkpoint.save(store, 1, made(1.0))
        large = Checkpoint(
            weights={"w": torch.ones(1 << 20)}, optimizer={"m": torch.zeros(4)}, state="{}"
        )
        with pytest.raises(InputError, match="no space left on the device"):
            checkpoint.save(store, 2, large)
        assert store.names() == ["step-00000001"]
        assert checkpoint.latest(store)
        store.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
