"""SentencePiece's trainer as it is used here: BPE that changes no text, with our markers.

Chunks keep their ends of lines, so that `{`, the line end and the tabs after it can become one
piece: 3.16 characters a token of Go, against 2.68 when it is trained line by line.
"""

import io
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sentencepiece import SentencePieceTrainer

from codekiln.core.errors import InputError
from codekiln.core.tokens.sections import CONTROLS, SYMBOLS

LETTERS = frozenset(string.printable) - {"\x0b", "\x0c"}
"""Always pieces of their own; in a corpus without spaces, say, a space would have none."""
KEPT_FOR_ITSELF = "\0\x1f\u2581\u2585"
"""What the trainer marks ends, spaces and unknown letters with, and refuses or drops in texts."""
BYTES = 256
THREADS = 4
"""Stands in the model, so it is the same everywhere. Pieces do not depend on it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a tokenizer is to be like."""

    vocab_size: int
    letters: frozenset[str]
    """Those that may be pieces; others are spelled in bytes."""
    split_digits: bool


def train(chunks: Iterable[str], rules: Rules) -> bytes:
    """Return the model of a tokenizer of at most `rules.vocab_size` pieces.

    The same chunks in the same order give the same bytes. Raises InputError if letters, bytes and
    markers alone are more.
    """
    letters = learned(rules.letters)
    least = len(CONTROLS) + len(SYMBOLS) + BYTES + len(letters)
    if least >= rules.vocab_size:
        raise InputError(
            f"vocab_size is {rules.vocab_size:,}, and {least:,} are taken by markers, bytes and "
            f"{len(letters):,} letters: give more, or lower the setting letters"
        )
    written = io.BytesIO()
    unknown, bos, eos, pad = CONTROLS
    SentencePieceTrainer.train(
        sentence_iterator=cut(chunks, letters),
        model_writer=written,
        model_type="bpe",
        vocab_size=rules.vocab_size,
        # A small corpus has not as many pairs to join: fewer pieces, no error.
        hard_vocab_limit=False,
        byte_fallback=True,
        # The trainer's own choice breaks off among required letters: `cut` has made it.
        character_coverage=1.0,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        split_digits=rules.split_digits,
        user_defined_symbols=list(SYMBOLS),
        unk_id=0, bos_id=1, eos_id=2, pad_id=3,
        unk_piece=unknown, bos_piece=bos, eos_piece=eos, pad_piece=pad,
        max_sentence_length=1 << 20,
        num_threads=THREADS,
        minloglevel=2,
    )  # fmt: skip
    return written.getvalue()


def learned(letters: Iterable[str]) -> frozenset[str]:
    """Return the letters that become pieces."""
    return (frozenset(letters) | LETTERS) - frozenset(KEPT_FOR_ITSELF)


def cut(chunks: Iterable[str], letters: frozenset[str]) -> Iterator[str]:
    """Yield `chunks` without letters that are not learned, cut where one was."""
    # An end of a line at the end of what it is given is taken off by the trainer.
    yield "".join(sorted(LETTERS)) + "!"
    other = re.compile(f"[^{re.escape(''.join(sorted(letters)))}]+")
    for chunk in chunks:
        yield from filter(None, other.split(chunk))
