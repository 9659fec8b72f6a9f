"""Checkpoints in object storage; here the store is a folder, in the kill tests it is S3."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from stored_checkpoints import Disks, Watched, blobs, made, value

from codekiln.core.errors import InputError, ServiceError
from codekiln.core.training import background, checkpoint, object_store, state
from codekiln.core.training.object_store import ObjectStore


@pytest.fixture
def remote(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "remote")


@pytest.fixture
def disks(remote: Watched, tmp_path: Path) -> Disks:
    return Disks(remote, tmp_path / "disks")


@pytest.fixture
def store(disks: Disks) -> Iterator[ObjectStore]:
    with disks.opened() as opened:
        yield opened


def test_a_checkpoint_comes_back_on_an_empty_disk(disks: Disks) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 3, made(3.0))
        assert value(checkpoint.latest(store)) == 3.0
    with disks.opened() as store:
        found = checkpoint.latest(store)
        assert value(found) == 3.0
        assert found
        assert state.from_json(found.state).losses == [3.0]
        assert float(found.optimizer["m"][0]) == -3.0


def test_an_empty_store_has_no_checkpoint(store: ObjectStore) -> None:
    assert checkpoint.latest(store) is None


def test_the_training_does_not_wait_for_the_upload(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        remote.open.clear()
        checkpoint.save(store, 1, made(1.0))
        assert (store.names(), remote.uploaded) == (["step-00000001"], [])
        assert value(checkpoint.latest(store)) == 1.0
        remote.open.set()
    assert list(remote.names(object_store.COMMITS)) == ["commits/step-00000001.json"]


def test_a_checkpoint_may_be_replaced_and_removed_before_it_is_uploaded(
    disks: Disks, remote: Watched
) -> None:
    with disks.opened() as store:
        remote.open.clear()
        checkpoint.save(store, 1, made(1.0))
        checkpoint.save(store, 1, made(2.0))
        store.remove("step-00000001")
        remote.open.set()
        checkpoint.save(store, 2, made(3.0))
    with disks.opened() as store:
        assert store.names() == ["step-00000002"]
        assert value(checkpoint.latest(store)) == 3.0
    assert len(blobs(remote)) == 4


def test_the_newest_and_their_best_are_kept_and_nothing_else(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        for step, best in ((1, 0), (2, 2), (3, 2), (4, 4), (5, 4)):
            if step == best:
                checkpoint.save_best(store, step, {"w": torch.full((4,), float(step))})
            checkpoint.save(store, step, made(float(step), best_step=best))
            checkpoint.prune(store, keep=2)
    with disks.opened() as store:
        assert store.names() == ["best-00000004", "step-00000004", "step-00000005"]
        held = {file.blob for commit in store._commits.values() for file in commit.values()}
    assert set(blobs(remote)) == held


def test_weights_that_are_also_the_best_are_uploaded_once(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        whole = made(1.0, best_step=1)
        checkpoint.save_best(store, 1, whole.weights)
        checkpoint.save(store, 1, whole)
    assert len(remote.uploaded) == len(set(remote.uploaded)) == 5


def test_pruning_on_an_empty_disk_fetches_no_weights(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        for step in (1, 2, 3):
            checkpoint.save(store, step, made(float(step)))
    with disks.opened() as store:
        checkpoint.prune(store, keep=2)
        assert store.names() == ["step-00000002", "step-00000003"]
    assert remote.fetched == []


def test_a_disk_that_survived_is_used(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))
    with disks.opened(same=True) as store:
        assert value(checkpoint.latest(store)) == 1.0
    assert remote.fetched == []


def test_a_disk_that_holds_another_checkpoint_of_that_name_is_not(disks: Disks) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))
    first = disks.count
    with disks.opened() as store:
        checkpoint.save(store, 1, made(2.0))
    disks.count = first
    with disks.opened(same=True) as store:
        assert value(checkpoint.latest(store)) == 2.0


def test_what_was_never_committed_is_dropped_here_and_there(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))
    kept = blobs(remote)
    remote.write("blobs/half", b"of a killed run")
    (disks.folder / "1" / "step-00000009").mkdir()
    with disks.opened(same=True) as store:
        assert store.names() == ["step-00000001"]
    assert blobs(remote) == kept
    assert not (disks.folder / "1" / "step-00000009").exists()


@pytest.mark.parametrize("harm", ["wrong", "gone"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    disks: Disks, remote: Watched, harm: str
) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))
        checkpoint.save(store, 2, made(2.0))
    with disks.opened() as store:
        blob = store._commits["step-00000002"][checkpoint.WEIGHTS].blob
        remote.write(blob, b"wrong") if harm == "wrong" else remote.delete(blob)
        assert value(checkpoint.latest(store)) == 1.0
        assert store.names() == ["step-00000001"]


def test_a_checkpoint_whose_best_weights_are_gone_is_not_used(
    disks: Disks, remote: Watched
) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))
        checkpoint.save_best(store, 2, {"w": torch.ones(4)})
        checkpoint.save(store, 2, made(2.0, best_step=2))
    remote.delete("commits/best-00000002.json")
    with disks.opened() as store:
        assert value(checkpoint.latest(store)) == 1.0


def test_a_store_that_is_away_is_no_damage(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))

    remote.failure = ServiceError("away")
    with disks.opened() as store:
        with pytest.raises(ServiceError):
            checkpoint.latest(store)
        assert store.names() == ["step-00000001"]


def test_a_damaged_commit_is_removed(disks: Disks, remote: Watched) -> None:
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))
    remote.write("commits/step-00000002.json", b"[1, 2")
    with disks.opened() as store:
        assert store.names() == ["step-00000001"]


def test_an_upload_that_fails_ends_the_run(disks: Disks, remote: Watched) -> None:
    remote.failure = InputError("no space left")

    def run() -> None:
        with disks.opened() as store:
            for step in (1, 2, 3, 4):
                checkpoint.save(store, step, made(float(step)))

    with pytest.raises(InputError, match="no space left"):
        run()
    remote.failure = None
    with disks.opened() as store:
        assert store.names() == []


def test_a_store_that_comes_back_gets_what_waited(
    disks: Disks, remote: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "LONGEST_PAUSE_S", 0.01)
    remote.failure = ServiceError("away")
    with disks.opened() as store:
        checkpoint.save(store, 1, made(1.0))
        checkpoint.save(store, 2, made(2.0))
        remote.failure = None
    with disks.opened() as store:
        assert value(checkpoint.latest(store)) == 2.0


def test_a_run_told_to_stop_uploads_before_it_ends(disks: Disks, remote: Watched) -> None:
    def run() -> None:
        with disks.opened() as store:
            checkpoint.save(store, 1, made(1.0))
            raise ServiceError("told to stop")

    with pytest.raises(ServiceError, match="told to stop"):
        run()
    assert list(remote.names(object_store.COMMITS)) == ["commits/step-00000001.json"]


def test_a_second_ctrl_c_waits_for_nothing(disks: Disks, remote: Watched) -> None:
    def run() -> None:
        with disks.opened() as store:
            remote.open.clear()
            checkpoint.save(store, 1, made(1.0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert list(remote.names(object_store.COMMITS)) == []
    remote.open.set()


def test_a_run_that_lost_its_lease_commits_nothing(disks: Disks, remote: Watched) -> None:
    def run() -> None:
        with disks.opened() as store:
            remote.write("lease/00000002.json", b"{}")
            checkpoint.save(store, 1, made(1.0))

    with pytest.raises(InputError, match="another run has taken over"):
        run()
    assert list(remote.names(object_store.COMMITS)) == []


def test_a_write_that_fails_leaves_nothing(store: ObjectStore, remote: Watched) -> None:
    def fail() -> None:
        with store.write("step-00000001") as folder:
            (folder / "file").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    store.finish()
    assert (store.names(), blobs(remote)) == ([], [])
