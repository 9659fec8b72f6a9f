import os
from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.core.storage.parts import blocks

SIZE, BLOCK = 10_500, 1_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(os.urandom(SIZE))
    return tmp_path / "file"


def test_blocks_are_the_file_in_order(path: Path) -> None:
    assert b"".join(bytes(block) for block in blocks(path, SIZE, BLOCK)) == path.read_bytes()


def test_a_block_that_is_in_flight_is_not_written_over(path: Path) -> None:
    held = list(blocks(path, SIZE, BLOCK))
    assert b"".join(held) == path.read_bytes()


def test_a_block_that_came_back_is_used_again(path: Path) -> None:
    memory = []
    for block in blocks(path, SIZE, BLOCK):
        memory.append(block.obj)
        block.release()
    assert len({id(each) for each in memory}) == 1


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1])
def test_a_file_that_changed_meanwhile_is_refused(path: Path, size: int) -> None:
    with pytest.raises(InputError, match="was changed while it was uploaded"):
        list(blocks(path, size, BLOCK))
