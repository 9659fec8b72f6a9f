"""Tokens of many examples, read back from where they were packed."""

import json
from pathlib import Path

import builders
import packed_examples
import pytest
from packed_examples import LENGTH, MANY, cleaned, documents, made, run, without_plan

from codekiln.core import manifest
from codekiln.core.tokens import sections
from codekiln.core.tokens.packed import Packed, open_packed
from codekiln.core.tokens.packed_info import EXPORTS, MANIFEST, NUMBERS, SPLITS
from codekiln.core.tokens.sections import WRITTEN
from codekiln.core.tokens.sentences import MODEL, Sentences


@pytest.fixture(scope="module")
def found(place: Path) -> Packed:
    return open_packed(place / "tokens")


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
