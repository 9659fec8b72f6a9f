"""How well a tokenizer suits a corpus: characters and bytes a token, and what is spelled in bytes.

fertility.json   see `document`
"""

from collections.abc import Mapping
from typing import TypedDict

from codekiln.core.tokens.sentences import Sentences
from codekiln.train_tokenizer.round_trip import Tally

NAME = "fertility.json"


class Figures(TypedDict):
    """What is told of a section, or of all."""

    texts: int
    characters: int
    bytes: int
    tokens: int
    byte_tokens: int
    """Tokens that stand for one byte of a letter that no piece spells."""
    characters_per_token: float
    bytes_per_token: float
    byte_token_share: float


class Document(TypedDict):
    """What fertility.json holds."""

    tokenizer: str
    """SHA-256 of tokenizer.model."""
    vocabulary: int
    pieces_used: int
    """How many of the vocabulary some text of the corpus needs."""
    all: Figures
    sections: dict[str, Figures]
    trained_on: dict[str, int]
    """Characters of the sample, by section; empty where a tokenizer was taken over."""


def document(
    sentences: Sentences, tallies: Mapping[str, Tally], trained_on: Mapping[str, int]
) -> Document:
    """Return what fertility.json holds."""
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    return {
        "tokenizer": sentences.digest,
        "vocabulary": sentences.vocab_size,
        "pieces_used": int((total.uses > 0).sum()),
        "all": figures(total, sentences),
        "sections": {name: figures(tally, sentences) for name, tally in tallies.items()},
        "trained_on": dict(sorted(trained_on.items())),
    }


def figures(tally: Tally, sentences: Sentences) -> Figures:
    """Return the figures of one tally."""
    spelled = sum(int(many) for one, many in enumerate(tally.uses) if sentences.is_byte(one))
    tokens = max(tally.tokens, 1)
    return {
        "texts": tally.texts,
        "characters": tally.characters,
        "bytes": tally.bytes,
        "tokens": tally.tokens,
        "byte_tokens": spelled,
        "characters_per_token": round(tally.characters / tokens, 4),
        "bytes_per_token": round(tally.bytes / tokens, 4),
        "byte_token_share": round(spelled / tokens, 6),
    }
