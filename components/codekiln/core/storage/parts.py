"""A file as blocks for an upload in parts, in memory that is used again.

Fresh memory is what costs otherwise: each page of each part is made, cleared and given back by the
kernel. Here a block is lent to the client, and filled anew once that lets it go.
"""

from collections.abc import Iterator
from pathlib import Path

from codekiln.core.errors import InputError


def blocks(path: Path, size: int, block: int) -> Iterator[memoryview]:
    """Yield the `size` bytes of the file `path`, `block` at a time.

    As many blocks are in memory as are held at once. Raises InputError where the file has become
    shorter or longer than `size`: its digest is not that of these bytes.
    """
    made: list[bytearray] = []
    left = size
    with path.open("rb", buffering=0) as file:
        while found := file.readinto(free := _free(made, block)):
            left -= found
            # Nothing here may hold it while it is away: a view that lives keeps its block.
            yield memoryview(free)[:found]
    if left:
        raise InputError(f"{path} was changed while it was uploaded; write it, then upload it")


def _free(made: list[bytearray], size: int) -> bytearray:
    """Return a block that nobody reads any more, or a new one."""
    for block in made:
        try:
            # Python refuses to resize what somebody views; this leaves size and place as they are.
            block.append(block.pop())
        except BufferError:
            continue
        return block
    made.append(bytearray(size))
    return made[-1]
