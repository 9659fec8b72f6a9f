"""A tokenizer on a screen: how many tokens it knows, its markers, how it cuts a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from codekiln.core.tokens.sections import CONTROLS, SYMBOLS
from codekiln.core.tokens.sentences import Sentences
from codekiln.peek import cuts, pieces
from codekiln.peek.screen import Screen

EXAMPLE = (
    'func (s *Store) Open(ctx context.Context) error {\n\treturn fmt.Errorf("open: %w", err)\n}\n'
)
"""What is cut where no text is given."""
STYLES = ("black on cyan", "black on green")


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as a tokenizer cuts it."""

    text: str
    ids: Sequence[int]
    pieces: Sequence[str]


def markers(sentences: Sentences) -> dict[str, int]:
    """Return the markers that it knows, with their ids."""
    return {name: sentences.id_of(name) for name in (*CONTROLS, *SYMBOLS)}


def cut(sentences: Sentences, text: str) -> Cut:
    """Return `text` as `sentences` cuts it."""
    [ids] = sentences.encode([text])
    return Cut(text, ids, pieces.texts(sentences, ids))


def show(screen: Screen, sentences: Sentences, text: str, *, with_ids: bool) -> None:
    """Write what it knows, and `text` cut."""
    screen.heading("markers", color="magenta")
    screen.prose("  ".join(f"{name} {one}" for name, one in markers(sentences).items()), "magenta")
    told = cut(sentences, text or EXAMPLE)
    size = len(told.text.encode())
    rate = f"{len(told.text) / max(len(told.ids), 1):.2f} characters a token"
    screen.heading("pieces", f"{size:,} bytes, {len(told.ids):,} tokens, {rate}", "green")
    needs_ids = with_ids or not screen.has_colors
    screen.body(cuts.shown(told.pieces, told.ids, STYLES, with_ids=needs_ids), "green")
    if sentences.decode(told.ids) != told.text:
        screen.line(("decoded it is another text: tokens lose something", "bold red"))


def document(sentences: Sentences, text: str) -> dict[str, Any]:
    """Return the same as JSON."""
    told = cut(sentences, text or EXAMPLE)
    return {
        "vocab_size": sentences.vocab_size,
        "markers": markers(sentences),
        "text": told.text,
        "ids": list(told.ids),
        "pieces": list(told.pieces),
    }
