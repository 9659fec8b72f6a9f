import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builders
import data_sets
import packed_examples
import pyarrow.parquet as pq
import pytest
import radosgw
from example_folders import example, function
from packed_examples import LENGTH, cleaned, made, run, tokenizer

from codekiln.core import manifest
from codekiln.core.corpus import examples, layout
from codekiln.core.datasets import forgotten, held, reference
from codekiln.core.datasets.dataset import Dataset, Entry
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage.lease import Pace
from codekiln.core.storage.local import LocalFolder
from codekiln.core.tokens import packed, sections
from codekiln.core.tokens.packed import Packed, Row, Split, open_packed
from codekiln.core.tokens.packed_info import EXPORTS, MANIFEST, NUMBERS, SPLITS, documents_name
from codekiln.core.tokens.sections import WRITTEN
from codekiln.core.tokens.sentences import MODEL, Sentences
from codekiln.pack_examples import making, publishing

MANY = [made(number) for number in range(600)]
HASTE = Pace(beat_s=0.05, expiry_s=5.0, patience_s=0.1)
"""Of one who does not wait for others."""
BROKEN = [made(600, 1), made(601, 1), made(602, 1)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make tokens of many examples, some of which cannot be packed, in the folder `tokens`."""
    root = tmp_path_factory.mktemp("packed")
    tokenizer(root / "tokenizer")
    long = function(1, lines=40)
    some = [*MANY, made(700), without_plan(701), example(702, code=long)]
    cleaned(root / "cleaned", some, files=2)
    run(root / "cleaned", root / "tokenizer", root / "tokens")
    return root


def without_plan(number: int) -> examples.Example:
    return example(number, plan=())


@pytest.fixture(scope="module")
def found(place: Path) -> Packed:
    return open_packed(place / "tokens")


def documents(packed_: Packed, split: Split) -> list[tuple[dict[str, Any], Row]]:
    """Return what the table tells of each document, with the row it is in."""
    table = pq.read_table(packed_.file(documents_name(split.name))).to_pylist()
    return [(one, split[one["shard"] * split.info.shard_rows + one["row"]]) for one in table]


def test_each_example_reads_back_from_its_row_section_by_section(found: Packed) -> None:
    sentences, told = Sentences.load(found.tokenizer), {one.id: one for one in MANY}
    seen = 0
    for split in (found.train, found.validation):
        for one, row in documents(found, split):
            stop = one["start"] + one["length"]
            ids, numbers = row.ids[one["start"] : stop], row.sections[one["start"] : stop]
            if one["id"] not in told:
                continue
            texts = sections.texts(told[one["id"]])
            read = {
                name: sentences.decode(ids[numbers == NUMBERS[name]].tolist()) for name in WRITTEN
            }
            assert read == {name: f"<|{name}|>{texts[name]}<|/{name}|>" for name in WRITTEN}
            assert (ids[0], ids[-1]) == (sentences.bos, sentences.eos)
            assert (numbers[0], numbers[-1]) == (NUMBERS["problem"], NUMBERS["code"])
            assert {name: int((numbers == NUMBERS[name]).sum()) for name in WRITTEN} == {
                name: one[name] for name in WRITTEN
            }
            seen += 1
    assert seen == len(MANY)


def test_documents_fill_their_rows_from_the_start_and_none_crosses(found: Packed) -> None:
    for split in (found.train, found.validation):
        by_row: dict[int, list[tuple[int, int]]] = {}
        for one, _ in documents(found, split):
            by_row.setdefault(one["row"], []).append((one["start"], one["length"]))
        assert sorted(by_row) == list(range(len(split)))
        for number, places in by_row.items():
            row = split[number]
            ends = [start + length for start, length in places]
            assert row.bounds.tolist() == [0, *ends] == [*(start for start, _ in places), ends[-1]]
            assert ends[-1] <= LENGTH
            assert set(row.ids[ends[-1] :]) <= {found.info.pad}
            assert not row.sections[ends[-1] :].any()
            assert row.sections[: ends[-1]].all()


def test_no_repository_is_on_both_sides(found: Packed) -> None:
    train, validation = (
        {one["repository_id"] for one, _ in documents(found, split)}
        for split in (found.train, found.validation)
    )
    assert train
    assert validation
    assert not train & validation
    told = {name: split.repositories for name, split in found.info.splits.items()}
    assert told == {"train": len(train), "validation": len(validation)}


def test_counts_add_up(found: Packed, place: Path) -> None:
    counts, told = found.info.counts, manifest.read(place / "tokens").counts
    refused = {name: many for name, many in counts.items() if name.startswith("refused_")}
    assert refused == {"refused_no_plan": 1, "refused_code_too_long": 1}
    assert counts["examples"] == 603 == counts["packed"] + sum(refused.values())
    assert counts["pull_requests"] == 601
    for name, split in found.info.splits.items():
        assert split.tokens + split.padding == split.rows * LENGTH
        assert split.tokens == sum(split.sections.values()) == told[f"{name}_tokens"]
    assert sum(told[f"{name}_section_tokens"] for name in WRITTEN) == (
        told["train_tokens"] + told["validation_tokens"]
    )
    assert sum(split.documents for split in found.info.splits.values()) == counts["packed"]
    assert found.info.outlook.trained == 10 * found.info.splits["train"].tokens
    assert found.info.outlook.share < 1


def test_lines_for_people_tell_each_example_and_its_side(found: Packed) -> None:
    for split, name in EXPORTS.items():
        lines = [json.loads(line) for line in found.file(name).read_text().splitlines()]
        table = [one for one, _ in documents(found, getattr(found, split))]
        assert {one["id"] for one in lines} == {one["id"] for one in table}
        assert {one["split"] for one in lines} == {split}
        assert all(one["tokens"].keys() == set(WRITTEN) for one in lines)
        known = {one.id: sections.texts(one)["code"] for one in MANY}
        assert all(one["code"] == known.get(one["id"], one["code"]) for one in lines)


def test_the_same_bytes_come_of_any_number_of_workers_and_jobs(place: Path, tmp_path: Path) -> None:
    again = ("--workers", "2", "--job-examples", "100")
    made_ = run(place / "cleaned", place / "tokenizer", tmp_path / "tokens", *again)
    whole = manifest.read(place / "tokens")
    assert made_.digest == whole.digest


def test_small_windows_and_shards_lose_nothing_however_the_work_is_cut(
    place: Path, tmp_path: Path
) -> None:
    small = ("--window", "40", "--shard-rows", "7", "--export", "3")
    one = run(place / "cleaned", place / "tokenizer", tmp_path / "tokens", *small)
    more = ("--job-examples", "30")
    assert run(place / "cleaned", place / "tokenizer", tmp_path / "t", *small, *more).digest == (
        one.digest
    )
    found = open_packed(tmp_path / "tokens")
    for name in SPLITS:
        ids = [
            one["id"]
            for one, row in documents(found, getattr(found, name))
            if one["start"] in row.bounds
        ]
        assert len(ids) == len(set(ids)) == found.info.splits[name].documents
        assert len(found.file(EXPORTS[name]).read_text().splitlines()) == 3
    assert found.info.counts["packed"] == 601


def test_what_leaves_nothing_or_one_side_empty_is_an_input_error(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = {
        "no example is left to pack (1 examples, 1 refused no plan)": [without_plan(1)],
        "leave nothing to validate on": [made(1), made(1 + 12)],
    }
    for number, (message, some) in enumerate(cases.items()):
        source = cleaned(tmp_path / f"c{number}", some)
        with pytest.raises(SystemExit, match="2"):
            run(source, place / "tokenizer", tmp_path / "tokens")
        assert message in capsys.readouterr().err
    run(source, place / "tokenizer", tmp_path / "tokens", "--validation-share", "0")
    assert len(open_packed(tmp_path / "tokens").validation) == 0


def test_a_tokenizer_without_markers_and_a_folder_that_holds_what_is_read_are_refused(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / MODEL).write_bytes(
        packed_examples.model().replace(b"<|/plan|>", b"<|/plum|>")
    )
    builders.finish(tmp_path / "t", "train_tokenizer", {})
    with pytest.raises(SystemExit, match="2"):
        run(place / "cleaned", tmp_path / "t", tmp_path / "tokens")
    assert "<|/plan|> is not one token" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run(place / "cleaned", place / "tokenizer", place)
    assert "choose another" in capsys.readouterr().err
    assert (place / "tokens" / MANIFEST).is_file()


# --- in a corpus ---


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
