"""Windows of a token folder as rows, and rows as batches that a GPT-2 trains on."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from codekiln.core.errors import InputError
from codekiln.core.tokens.folder import Ids, TokenInfo
from codekiln.core.tokens.windows import Window, cut
from codekiln.core.training.plan import training_count
from codekiln.core.training.trainable import IGNORED


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """The windows of both sides; no token stands in both."""

    training: list[Window]
    validation: list[Window]


def hold_out(info: TokenInfo, share: float) -> Split:
    """Hold out the newest `share` of the windows.

    The training side is the first windows. The validation side is cut anew from where the last of
    them ends, so what the two would share is seen by neither twice. Raises InputError if a side
    would be empty.
    """
    windows = info.windows
    kept = training_count(len(windows), share)
    # One token alone predicts nothing: a validation side needs two.
    while kept and info.tokens - windows[kept - 1].stop < 2:
        kept -= 1
    if not kept:
        raise InputError(
            f"{info.tokens:,} tokens in {len(windows)} sequences leave nothing to validate on; "
            "use more history or a smaller window"
        )
    held_out = cut(info.tokens, info.window, info.overlap, windows[kept - 1].stop)
    return Split(training=windows[:kept], validation=held_out)


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """The tokens of one window, and from which of them on it is scored."""

    ids: npt.NDArray[np.int64]
    scored_from: int


class Rows:
    """Windows over flat ids as a map-style data set."""

    def __init__(self, ids: Ids, windows: Sequence[Window], *, each_token_once: bool) -> None:
        """Read `windows` of `ids`; `each_token_once` scores no token that the window before did."""
        self.ids, self.windows, self.each_token_once = ids, windows, each_token_once

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.windows)

    def __getitem__(self, index: int) -> Row:
        """Return one window."""
        start, stop = self.windows[index]
        seen = self.windows[index - 1].stop - start if self.each_token_once and index else 0
        return Row(self.ids[start:stop].astype(np.int64), max(1, seen))


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Collate:
    """Makes batches of one shape, (rows, window): a compiled model is compiled once."""

    rows: int
    window: int
    pad_id: int

    def __call__(self, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        """Return ids, and for each position the id that follows it; IGNORED where none does."""
        ids = torch.full((self.rows, self.window), self.pad_id, dtype=torch.int64)
        targets = torch.full((self.rows, self.window), IGNORED, dtype=torch.int64)
        for number, row in enumerate(rows):
            tokens, first = torch.from_numpy(row.ids), row.scored_from
            ids[number, : len(tokens)] = tokens
            targets[number, first - 1 : len(tokens) - 1] = tokens[first:]
        return {"ids": ids, "targets": targets}
