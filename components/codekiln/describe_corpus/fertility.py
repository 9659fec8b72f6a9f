"""How a tokenizer does: what train_tokenizer left of its figures."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codekiln.core.errors import InputError

NAME = "fertility.json"
ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Of one section, or of all."""

    name: str
    characters: int
    tokens: int
    characters_per_token: float
    bytes_per_token: float
    byte_token_share: float
    """Of the tokens: those that stand for one byte of a letter that no piece spells."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fertility:
    """The figures of one tokenizer; `told` is all that was written."""

    vocabulary: int
    pieces_used: int
    figures: list[Figures]
    told: Mapping[str, Any]


def read(folder: Path) -> Fertility | None:
    """Return the figures that lie in `folder`, None if there are none; raises InputError."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        told = dict(json.loads(path.read_text(encoding="utf-8")))
        parts = {**told["sections"], ALL: told[ALL]}
        return Fertility(
            vocabulary=int(told["vocabulary"]),
            pieces_used=int(told["pieces_used"]),
            figures=[_figures(name, part) for name, part in parts.items()],
            told=told,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path} is broken ({error}): train the tokenizer again") from error


def _figures(name: str, told: Mapping[str, Any]) -> Figures:
    return Figures(
        name=name,
        characters=int(told["characters"]),
        tokens=int(told["tokens"]),
        characters_per_token=float(told["characters_per_token"]),
        bytes_per_token=float(told["bytes_per_token"]),
        byte_token_share=float(told["byte_token_share"]),
    )
