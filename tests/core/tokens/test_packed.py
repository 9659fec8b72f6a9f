import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from packed_examples import LENGTH, cleaned, made, run, tokenizer

from codekiln.core.errors import InputError
from codekiln.core.tokens.packed import Packed, Row, open_packed
from codekiln.core.tokens.packed_info import INFO, LOCATION, PackedInfo, info_of


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("packed")
    cleaned(root / "cleaned", [made(number) for number in range(60)])
    run(root / "cleaned", tokenizer(root / "t"), root / "tokens", "--shard-rows", "9")
    return root / "tokens"


@pytest.fixture
def packed(place: Path) -> Packed:
    return open_packed(place)


def test_a_row_is_views_of_what_is_mapped(packed: Packed) -> None:
    row = packed.train[10]
    assert (row.ids.shape, row.sections.shape) == ((LENGTH,), (LENGTH,))
    assert [view.dtype.str for view in (row.ids, row.sections, row.bounds)] == ["<u2", "|u1", "<i4"]
    for view in (row.ids, row.sections, row.bounds):
        assert view.base is not None
        assert not view.flags.owndata
        assert not view.flags.writeable
    with pytest.raises(IndexError):
        packed.train[len(packed.train)]


def test_positions_and_documents_begin_anew_at_each_bound() -> None:
    row = Row(np.zeros(8, np.uint16), np.zeros(8, np.uint8), np.array([0, 3, 6], np.int32))
    assert row.positions().tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    assert row.documents().tolist() == [0, 0, 0, 1, 1, 1, -1, -1]
    full = Row(row.ids, row.sections, np.array([0, 8], np.int32))
    assert full.positions().tolist() == list(range(8))
    assert full.documents().tolist() == [0] * 8


def test_rows_go_to_another_process_as_the_place_where_they_lie(packed: Packed) -> None:
    sent = pickle.dumps(packed.train)
    assert len(sent) < 10_000
    read = pickle.loads(sent)  # noqa: S301 -- our own
    assert len(read) == len(packed.train) > 9
    assert all(np.array_equal(read[n].ids, packed.train[n].ids) for n in range(len(read)))


def damage(place: Path, folder: Path, name: str, data: bytes | None) -> Path:
    """Copy packed tokens with one file replaced, or left out."""
    info = json.loads((place / INFO).read_text())
    for one in (INFO, *info["files"]):
        (folder / one).parent.mkdir(parents=True, exist_ok=True)
        (folder / one).write_bytes((place / one).read_bytes())
    if data is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize("name", ["train-00001.ids", "validation-00000.offsets"])
def test_a_file_that_is_short_missing_or_changed_is_refused(
    place: Path, tmp_path: Path, name: str
) -> None:
    whole = (place / name).read_bytes()
    for number, data in enumerate((whole[:-1], None, b"\7" + whole[1:])):
        with pytest.raises(InputError, match=f"{name} is damaged or half-written"):
            open_packed(damage(place, tmp_path / str(number), name, data))
    open_packed(tmp_path / "2", verify=False)


def test_a_folder_of_something_else_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give a folder that pack_examples wrote"):
        open_packed(tmp_path)
    (tmp_path / INFO).write_text('{"tokens": 3, "window": 8}')
    with pytest.raises(InputError, match="run pack_examples again"):
        open_packed(tmp_path)
    (tmp_path / LOCATION).write_text("{}")
    with pytest.raises(InputError, match="names no tokens"):
        open_packed(tmp_path)


def test_what_tokens_json_says_is_read_as_it_was_written(packed: Packed) -> None:
    info: PackedInfo = info_of(packed.info.to_json(), "here")
    assert info == packed.info


def test_a_file_that_is_not_of_it_is_an_input_error(packed: Packed) -> None:
    with pytest.raises(InputError, match=r"has no other\.txt"):
        packed.file("other.txt")
