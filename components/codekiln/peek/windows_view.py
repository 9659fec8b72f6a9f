"""Tokens of a history on a screen: windows over one long row, back as text."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from codekiln.core.errors import InputError
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import Objects
from codekiln.core.tokens import folder
from codekiln.core.tokens.folder import TokenInfo
from codekiln.peek import cuts
from codekiln.peek.screen import Screen

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER = f"{folder.TOKENIZER}/tokenizer.json"
COLORS = ("cyan", "yellow")
"""Pieces take turns, so that each is seen."""


def info_of(store: Objects) -> TokenInfo:
    """Return what tokens.json says; raises InputError if it is broken."""
    try:
        return TokenInfo(**json.loads(store.read(folder.INFO)))
    except (ValueError, TypeError, RecursionError) as error:
        place = store.location(folder.INFO)
        raise InputError(f"{place} is broken: {error}; run tokenize again") from error


def ids_of(store: Objects, info: TokenInfo, start: int, stop: int) -> list[int]:
    """Return the ids from `start` up to `stop`, and nothing else is read."""
    kind = np.dtype(info.dtype)
    data = store.read_range(folder.IDS, start * kind.itemsize, stop * kind.itemsize)
    found: list[int] = np.frombuffer(data, kind).tolist()
    return found


def tokenizer_of(store: Objects) -> "Tokenizer":
    """Return the tokenizer of a token folder, fetched."""
    # Loaded here: whoever looks at records does not wait for it.
    from tokenizers import Tokenizer

    with run_folder("codekiln-peek-") as scratch:
        path = scratch / "tokenizer.json"
        store.download(TOKENIZER, path)
        return Tokenizer.from_file(str(path))


def show(screen: Screen, store: Objects, numbers: Sequence[int], *, with_ids: bool) -> None:
    """Write these windows; `with_ids` shows where tokens end, and their ids."""
    info, tokenizer = info_of(store), tokenizer_of(store)
    for number in numbers:
        window = info.windows[number]
        ids = ids_of(store, info, window.start, window.stop)
        note = f"tokens {window.start:,} to {window.stop:,} of {info.tokens:,}"
        screen.heading(f"window {number}", note, "green")
        if with_ids:
            pieces = [tokenizer.decode([one], skip_special_tokens=False) for one in ids]
            screen.body(cuts.shown(pieces, ids, COLORS, with_ids=True), "green")
        else:
            screen.prose(tokenizer.decode(ids, skip_special_tokens=False), "green")


def document(store: Objects, numbers: Sequence[int]) -> dict[str, Any]:
    """Return the same as JSON."""
    info = info_of(store)
    cut = [info.windows[number] for number in numbers]
    shown = [
        {"window": number, "start": one.start, "stop": one.stop, "ids": ids_of(store, info, *one)}
        for number, one in zip(numbers, cut, strict=True)
    ]
    return {**asdict(info), "windows": len(info.windows), "shown": shown}
