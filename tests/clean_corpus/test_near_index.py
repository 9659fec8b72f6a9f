"""What earlier nights kept, in storage."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from codekiln.clean_corpus import near_index, signature_file
from codekiln.clean_corpus.duplicates import Texts, texts_of
from codekiln.clean_corpus.signature_file import Rows
from codekiln.clean_corpus.signatures import fingerprints
from codekiln.core.errors import InputError


def texts(*ids: str) -> Texts:
    made = ["\n".join(f"{one} {n}" for n in range(12)).encode() for one in ids]
    return texts_of(ids, fingerprints(made))


def rows_of(ids: Sequence[str], owners: Sequence[str], source: int = 0) -> Rows:
    return Rows(texts(*ids), owners, np.full(len(ids), source, np.uint64))


def entered(uri: str, scratch: Path, night: str, *ids: str) -> list[str]:
    """Enter a night into the index; return the ids that it found there."""
    with near_index.opened(uri) as index:
        place = index.night(night)
        before = [block.id_at(n) for block in index.blocks(place) for n in range(len(block))]
        path = scratch / "new.parquet"
        signature_file.write(path, [rows_of(ids, ["R_1"] * len(ids))])
        index.commit(night, place, path)
    return before


def test_a_night_meets_those_before_it_and_finds_its_own_place_again(tmp_path: Path) -> None:
    uri = str(tmp_path / "index")
    assert entered(uri, tmp_path, "one", "a", "b") == []
    assert entered(uri, tmp_path, "two", "c") == ["a", "b"]
    assert entered(uri, tmp_path, "three", "d") == ["a", "b", "c"]
    assert entered(uri, tmp_path, "two", "c", "e") == ["a", "b"]
    assert entered(uri, tmp_path, "four", "f") == ["a", "b", "c", "e", "d"]


def test_what_was_written_is_read_and_equal_texts_make_equal_files(tmp_path: Path) -> None:
    rows = rows_of("abc", ["R_1", "R_1", "R_2"])
    some = rows.texts
    for name in ("one", "two"):
        assert signature_file.write(tmp_path / name, [rows]) == 3
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    [read] = signature_file.read(tmp_path / "one")
    assert [read.id_at(n) for n in range(3)] == ["a", "b", "c"]
    assert (read.prints.near == some.prints.near).all()
    assert np.array_equal(read.prints.exact, some.prints.exact)
    assert np.array_equal(read.id_keys, some.id_keys)


def test_the_digest_of_a_night_tells_what_stood_before_it(tmp_path: Path) -> None:
    uri = str(tmp_path / "index")
    entered(uri, tmp_path, "one", "a")
    entered(uri, tmp_path, "two", "b")
    with near_index.opened(uri) as index:
        assert index.night("one").digest == ""
        assert index.night("two").digest == index.night("two").digest != ""
        assert index.night("three").digest != index.night("two").digest


def sourced(uri: str, scratch: Path, night: str, live: set[int], **own: int) -> set[str]:
    """Enter a night, each id with its source, while `live` count; return the ids that it met."""
    with near_index.opened(uri, np.array(sorted(live), np.uint64)) as index:
        place = index.night(night)
        met = {block.id_at(n) for block in index.blocks(place) for n in range(len(block))}
        rows = [rows_of([one], ["R_1"], source) for one, source in own.items()]
        signature_file.write(scratch / "new", rows)
        index.commit(night, place, scratch / "new")
    return met


def test_beside_a_data_set_only_rows_of_what_stands_there_count(tmp_path: Path) -> None:
    uri = str(tmp_path / "index")
    assert sourced(uri, tmp_path, "one", set(), a=1, b=2, c=3) == set()
    assert sourced(uri, tmp_path, "killed", {1, 2, 3}, d=4) == {"a", "b", "c"}
    assert sourced(uri, tmp_path, "two", {1, 3}, e=5) == {"a", "c"}
    with near_index.opened(uri, np.array([1, 3, 5, 9], np.uint64)) as index:
        assert index.missing(index.night("three")) == {9}


def test_rows_that_do_not_count_are_swept_out_when_most_of_their_night_do_not(
    tmp_path: Path,
) -> None:
    uri = str(tmp_path / "index")
    sourced(uri, tmp_path, "one", set(), a=1, b=2, c=3)
    sourced(uri, tmp_path, "two", {1, 2, 3}, d=4)
    for live in ({1, 2}, {2}, {2, 3, 4}):
        sourced(uri, tmp_path, "three", live)
    with near_index.opened(uri, np.array([1, 2, 3, 4], np.uint64)) as index:
        assert index.missing(index.night("four")) == {1, 3, 4}


def test_an_index_of_other_signatures_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = str(tmp_path / "index")
    entered(uri, tmp_path, "one", "a")
    monkeypatch.setattr(near_index, "FORMAT", "newer")
    with pytest.raises(InputError, match="clean all examples again"):
        entered(uri, tmp_path, "two", "b")


def test_no_text_is_in_the_index(tmp_path: Path) -> None:
    entered(str(tmp_path / "index"), tmp_path, "one", "needle-in-text")
    [shard] = (tmp_path / "index" / "s").iterdir()
    assert shard.read_bytes().count(b"needle-in-text 1") == 0
    [version] = (tmp_path / "index" / "v").iterdir()
    assert json.loads(version.read_bytes())["note"] == "night 1"
