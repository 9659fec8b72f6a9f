"""Flat token ids that are mapped into memory, with what is needed to read them.

tokens.bin      ids, little-endian uint16 (uint32 where the vocabulary is larger), in time order
tokens.json     TokenInfo
tokenizer/      loads with transformers' GPT2Tokenizer.from_pretrained
sequences.json  the windows as a JSON array, for people and jq
"""

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codekiln.core.errors import InputError
from codekiln.core.manifest import write_json
from codekiln.core.tokens.windows import Window, cut

IDS = "tokens.bin"
INFO = "tokens.json"
TOKENIZER = "tokenizer"
SEQUENCES = "sequences.json"

Ids = npt.NDArray[np.unsignedinteger[npt.NBitBase]]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TokenInfo:
    """What tokens.json holds."""

    tokens: int
    """Length of the row: unique tokens, none counted twice."""
    window: int
    overlap: int
    vocab_size: int
    pad_id: int
    dtype: str

    @property
    def windows(self) -> list[Window]:
        """Return the training windows over the row."""
        return cut(self.tokens, self.window, self.overlap)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """An opened token folder."""

    ids: Ids
    """Shape (tokens,), read-only, mapped into memory."""
    info: TokenInfo
    tokenizer: Path

    @property
    def window(self) -> int:
        """Return the length of a window in tokens."""
        return self.info.window

    @property
    def overlap(self) -> int:
        """Return how many tokens two neighboring windows share."""
        return self.info.overlap

    @property
    def pad_id(self) -> int:
        """Return the id that fills the last window."""
        return self.info.pad_id

    @property
    def vocab_size(self) -> int:
        """Return the number of ids, markers included."""
        return self.info.vocab_size


def dtype_for(vocab_size: int) -> np.dtype[np.unsignedinteger[npt.NBitBase]]:
    """Return the smallest type that holds every id below `vocab_size`."""
    return np.dtype("<u2" if vocab_size <= 1 << 16 else "<u4")


def write_ids(folder: Path, rows: Iterable[npt.ArrayLike], vocab_size: int) -> int:
    """Append each row of ids to tokens.bin; return how many ids were written."""
    dtype, total = dtype_for(vocab_size), 0
    with (folder / IDS).open("wb") as file:
        for row in rows:
            ids = np.asarray(row, dtype=dtype)
            file.write(ids.tobytes())
            total += ids.size
    return total


def write_info(folder: Path, info: TokenInfo) -> None:
    """Write tokens.json."""
    write_json(folder / INFO, dataclasses.asdict(info))


def read_info(folder: Path) -> TokenInfo:
    """Read tokens.json; raises InputError if it is missing or broken."""
    try:
        return TokenInfo(**json.loads((folder / INFO).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{folder} is no token folder: {error}; run tokenize again") from error


def open_tokens(folder: Path) -> Tokens:
    """Map a token folder into memory.

    Raises InputError if a file is missing or tokens.bin is not as long as tokens.json says.
    """
    info = read_info(folder)
    path = folder / IDS
    size = path.stat().st_size if path.is_file() else 0
    if not info.tokens or size != info.tokens * np.dtype(info.dtype).itemsize:
        raise InputError(
            f"{path} holds {size:,} bytes, {INFO} wants {info.tokens:,} tokens: tokenize again"
        )
    ids = np.memmap(path, dtype=np.dtype(info.dtype), mode="r")
    return Tokens(ids=ids, info=info, tokenizer=folder / TOKENIZER)


def export(tokens: Tokens, path: Path) -> int:
    """Write the windows as one JSON array, a line each (jq length counts them); return how many."""
    windows = tokens.info.windows
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, line in enumerate(_lines(tokens, windows)):
            file.write(("\n" if number == 0 else ",\n") + line)
        file.write("\n]\n")
    return len(windows)


def _lines(tokens: Tokens, windows: Iterable[Window]) -> Iterator[str]:
    for window in windows:
        yield json.dumps(tokens.ids[window.start : window.stop].tolist(), separators=(",", ":"))
