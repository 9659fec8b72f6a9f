"""Tokens in a corpus: made once, whole or not there, in a folder and in S3."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import data_sets
import pytest
import radosgw
from packed_examples import MANY, cleaned, documents, run

from codekiln.core.corpus import examples, layout
from codekiln.core.datasets import forgotten, held, reference
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage.lease import Pace
from codekiln.core.storage.local import LocalFolder
from codekiln.core.tokens import packed
from codekiln.core.tokens.packed import open_packed
from codekiln.core.tokens.packed_info import MANIFEST
from codekiln.pack_examples import making, publishing

HASTE = Pace(beat_s=0.05, expiry_s=5.0, patience_s=0.1)
"""Of one who does not wait for others."""


def of_data_set(root: Path) -> Path:
    """Hand on a version of a data set with two repositories."""
    dataset = Dataset(LocalFolder(root / "data"))
    changes = {}
    for key in ("R_0", "R_1"):
        some = [one for one in MANY if one.repository_id == key]
        cleaned(root / key, some)
        shard = dataset.put(examples.shard(root / key, 0), rows=len(some), first=1, last=2)
        changes[key] = lambda _, key=key, shard=shard: Entry(key, {"examples": [shard]}, {})
    version = dataset.commit(changes, run="test")
    (root / "cleaned").mkdir()
    reference.write(root / "cleaned", dataset.uri, version, {})
    builders.finish(root / "cleaned", "clean_corpus", {})
    return root / "cleaned"


def test_a_corpus_gets_tokens_once_and_the_folder_says_where(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, more = of_data_set(tmp_path), ("--corpus", str(tmp_path / "corpus"))
    first = run(source, place / "tokenizer", tmp_path / "tokens", *more)
    found = open_packed(tmp_path / "tokens")
    assert first.inputs["cleaned"] == reference.read(source).version.digest
    assert first.inputs["written"] == found.info.digest
    assert set(first.files) == {"location.json", "tokens.json"}
    assert found.tokenizer.is_relative_to(tmp_path / "corpus/tokens" / found.info.digest)
    assert found.info.splits["train"].repositories == 1
    second = run(source, place / "tokenizer", tmp_path / "tokens", *more)
    assert "nothing to do" in capsys.readouterr().err
    assert (second.digest, second.counts) == (first.digest, first.counts)


def test_what_was_forgotten_since_it_was_cleaned_is_not_packed(place: Path, tmp_path: Path) -> None:
    source = of_data_set(tmp_path)
    more = ("--corpus", str(tmp_path / "corpus"), "--validation-share", "0")
    whole = run(source, place / "tokenizer", tmp_path / "tokens", *more)
    told, one = reference.read(source), Forgotten(key="R_0", name="acme/store0", when="")
    without = told.dataset.commit({}, run="forget", state=forgotten.kept_out(one))
    late = run(source, place / "tokenizer", tmp_path / "tokens", *more)
    assert late.inputs["cleaned"] == whole.inputs["cleaned"]
    assert late.inputs["written"] != whole.inputs["written"]
    found = open_packed(tmp_path / "tokens")
    assert {one["repository_id"] for one, _ in documents(found, found.train)} == {"R_1"}
    # As if it had never been there.
    reference.write(source, told.dataset.uri, without, {})
    same = run(source, place / "tokenizer", tmp_path / "tokens", *more)
    assert same.inputs["written"] == late.inputs["written"]


@pytest.mark.parametrize("damage", [lambda p: p.unlink(), lambda p: p.write_bytes(b"x")])
def test_damaged_tokens_of_a_corpus_are_made_again(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], None]
) -> None:
    source, more = of_data_set(tmp_path), ("--corpus", str(tmp_path / "corpus"))
    first = run(source, place / "tokenizer", tmp_path / "tokens", *more)
    ids = tmp_path / "corpus/tokens" / first.inputs["written"] / "train-00000.ids"
    damage(ids)
    second = run(source, place / "tokenizer", tmp_path / "tokens", *more)
    assert f"{ids} is damaged: made again" in capsys.readouterr().err
    assert second.digest == first.digest
    assert len(open_packed(tmp_path / "tokens").train)


def test_tokens_without_their_manifest_are_not_whole_and_a_rerun_makes_them_so(
    place: Path, tmp_path: Path
) -> None:
    def dies(call: data_sets.Call) -> None:
        if call == ("write", MANIFEST):
            raise KeyboardInterrupt

    info = open_packed(place / "tokens").info
    root = tmp_path / "tokens" / info.digest
    folder = tmp_path / "handed"
    folder.mkdir()
    publishing.hand_on(folder, str(root), info)
    with pytest.raises(KeyboardInterrupt):
        publishing.publish(data_sets.Watched(root, dies), place / "tokens", info, sure)
    assert packed.published(LocalFolder(root), info.digest) is None
    with pytest.raises(InputError, match="not whole"):
        open_packed(folder)
    for _ in range(2):
        publishing.publish(LocalFolder(root), place / "tokens", info, sure)
    assert open_packed(folder).info == info


def sure() -> None:
    """It is this run's turn still."""


def test_nobody_else_publishes_or_removes_tokens_while_a_set_is_written(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, corpus = of_data_set(tmp_path), str(tmp_path / "corpus")
    write, refused = LocalFolder.write, list[ServiceError]()

    def beside(self: LocalFolder, name: str, data: bytes, *, create: bool = False) -> None:
        if name == MANIFEST:
            with (
                pytest.raises(ServiceError, match="another run") as told,
                held.writer(LocalFolder(Path(corpus)), layout.TOKENS_WRITER, HASTE),
            ):
                raise AssertionError
            refused.append(told.value)
        write(self, name, data, create=create)

    monkeypatch.setattr(LocalFolder, "write", beside)
    run(source, place / "tokenizer", tmp_path / "tokens", "--corpus", corpus)
    assert len(refused) == 1
    assert open_packed(tmp_path / "tokens").info


def test_tokens_of_what_was_forgotten_while_they_were_made_are_not_published(
    place: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = of_data_set(tmp_path)
    more = ("--corpus", str(tmp_path / "corpus"), "--validation-share", "0")
    one = Forgotten(key="R_0", name="acme/store0", when="")

    def forgetting(*told: Any) -> Any:
        made_ = making_made(*told)
        reference.read(source).dataset.commit({}, run="forget", state=forgotten.kept_out(one))
        return made_

    making_made = making.made
    with monkeypatch.context() as patch:
        patch.setattr(making, "made", forgetting)
        with pytest.raises(SystemExit) as exit_:
            run(source, place / "tokenizer", tmp_path / "tokens", *more)
    assert exit_.value.code == 75
    assert "forgotten while its tokens were made" in capsys.readouterr().err
    assert not (tmp_path / "corpus/tokens").exists()
    run(source, place / "tokenizer", tmp_path / "tokens", *more)
    found = open_packed(tmp_path / "tokens")
    assert {told["repository_id"] for told, _ in documents(found, found.train)} == {"R_1"}


@pytest.mark.s3
def test_tokens_in_an_s3_store_are_fetched_where_the_caller_wants(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = radosgw.server()
    radosgw.settle(monkeypatch, server.environment())
    uri = f"s3://{server.new_bucket()}/{secrets.token_hex(4)}"
    run(place / "cleaned", place / "tokenizer", tmp_path / "tokens", "--corpus", uri)
    with pytest.raises(InputError, match="give a folder to fetch it into"):
        open_packed(tmp_path / "tokens")
    found, here = open_packed(tmp_path / "tokens", tmp_path / "s"), open_packed(place / "tokens")
    assert found.info.splits == here.info.splits
    assert found.train[1].ids.tolist() == here.train[1].ids.tolist()
    assert documents(found, found.train)
    damaged = found.tokenizer.parent / "train-00000.ids"
    damaged.write_bytes(bytes(damaged.stat().st_size))
    assert open_packed(tmp_path / "tokens", tmp_path / "s").train[1].ids.any()
