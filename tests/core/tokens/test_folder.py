import json
from pathlib import Path

import numpy as np
import pytest

from codekiln.core.errors import InputError
from codekiln.core.tokens import folder
from codekiln.core.tokens.folder import TokenInfo


def written(path: Path, rows: list[list[int]], vocab_size: int) -> Path:
    total = folder.write_ids(path, rows, vocab_size)
    info = TokenInfo(
        tokens=total, window=4, overlap=1, vocab_size=vocab_size, pad_id=0,
        dtype=folder.dtype_for(vocab_size).str,
    )  # fmt: skip
    folder.write_info(path, info)
    return path


@pytest.mark.parametrize(("vocab_size", "dtype"), [(65_536, "<u2"), (65_537, "<u4")])
def test_ids_come_back_in_the_smallest_type(tmp_path: Path, vocab_size: int, dtype: str) -> None:
    tokens = folder.open_tokens(written(tmp_path, [[1, 2], [vocab_size - 1]], vocab_size))
    assert tokens.ids.tolist() == [1, 2, vocab_size - 1]
    assert tokens.ids.dtype == np.dtype(dtype)


def test_the_export_is_one_json_array_with_an_entry_a_window(tmp_path: Path) -> None:
    tokens = folder.open_tokens(written(tmp_path, [list(range(9))], 300))
    assert folder.export(tokens, tmp_path / "s.json") == 3
    assert json.loads((tmp_path / "s.json").read_text()) == [
        [0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8],
    ]  # fmt: skip


def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    written(tmp_path, [[1, 2, 3]], 300)
    (tmp_path / folder.IDS).write_bytes(b"\x01\x00\x02")
    with pytest.raises(InputError, match="holds 3 bytes"):
        folder.open_tokens(tmp_path)


def test_a_folder_without_tokens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no token folder"):
        folder.open_tokens(tmp_path)
