"""A trained tokenizer: SentencePiece's model of a folder, as all phases use it.

The model cannot tell the sign U+2581 from a space, by which it stands inside; here it is written as
its three bytes, so every text comes back as it was. No piece goes on after a space, so what stands
between two spaces has the same ids wherever it stands, and is encoded once.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self

from sentencepiece import SentencePieceProcessor

from codekiln.core.errors import InputError
from codekiln.core.tokens import sections

MODEL = "tokenizer.model"

SPACE = "\u2581"
"""What stands for a space in the pieces of a model."""
PROBE = "\r\n\tif x  {\u00a0\ufb01e\u0301 } \0\u2581 \n "
"""A text that normalization of any kind would change."""
WORD = re.compile(r" *[^ ]+| +")
TEXT = re.compile(r"(?s).+")
MOST_KEPT = 4 << 20
"""Characters of words whose ids are kept; about 60 MB."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry of the vocabulary; of normal ones the higher `score` is joined first."""

    text: str
    score: float
    is_normal: bool
    """Whether it may come of joining letters: no control, marker or byte."""


class Sentences:
    """Turns texts into ids and back; nothing is added at either end of a text.

    Markers in a text become their ids: `sections.plain` takes out those that people wrote. Controls
    never come of a text.
    """

    def __init__(self, model: bytes) -> None:
        """Take the bytes of a model; raises InputError if they are none, or one of other rules."""
        try:
            self._processor = SentencePieceProcessor(model_proto=model)
            self.vocab_size: int = self._processor.get_piece_size() if model else 0
        except RuntimeError as error:
            raise InputError(f"this is no SentencePiece model ({error})") from error
        if not self.vocab_size:
            raise InputError("this is no SentencePiece model: it has no pieces")
        self.model = model
        self.digest = hashlib.sha256(model).hexdigest()
        """SHA-256 of the model: the same digest, the same ids."""
        self.unknown, self.bos, self.eos, self.pad = range(len(sections.CONTROLS))
        self._kept: dict[str, list[int]] = {}
        self._kept_size = 0
        self._check()
        self._sign = [self._processor.piece_to_id(f"<0x{byte:02X}>") for byte in SPACE.encode()]
        splits = all(SPACE not in piece.text.lstrip(SPACE) for piece in self.pieces())
        self._units = WORD if splits else TEXT
        if self.decode(self.encode([PROBE])[0]) != PROBE:
            raise InputError("this tokenizer changes texts: it was trained with normalization")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the tokenizer of `folder`; raises InputError if it holds none of this version."""
        path = folder / MODEL
        wanted = "give a folder that train_tokenizer wrote, or train one anew"
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise InputError(f"{folder} holds no {MODEL} ({error.strerror}): {wanted}") from error
        except InputError as error:
            raise InputError(f"{path}: {error}; {wanted}") from error

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each of `texts`.

        Words are kept from call to call, so many texts at once and one object for all are fast.
        """
        split = [self._units.findall(text) for text in texts]
        self._keep(list(set(chain.from_iterable(split)).difference(self._kept)))
        ids_of = self._kept.__getitem__
        found = [list(chain.from_iterable(map(ids_of, words))) for words in split]
        if self._kept_size > MOST_KEPT:
            self._kept, self._kept_size = {}, 0
        return found

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of `ids`; markers are written out, controls are not."""
        shown = [one for one in ids if one >= len(sections.CONTROLS)]
        text: str = self._processor.decode(shown)
        return text

    def id_of(self, marker: str) -> int:
        """Return the id of a marker or control of `sections`; raises KeyError for other texts."""
        if marker not in sections.SYMBOLS and marker not in sections.CONTROLS:
            raise KeyError(marker)
        return int(self._processor.piece_to_id(marker))

    def is_byte(self, one: int) -> bool:
        """Say whether an id is that of a byte: of what no piece of the vocabulary spells."""
        return bool(self._processor.is_byte(one))

    def pieces(self) -> list[Piece]:
        """Return the vocabulary in the order of the ids, spaces as SPACE."""
        model = self._processor
        ids = list(range(self.vocab_size))
        special = {*sections.CONTROLS, *sections.SYMBOLS}
        texts, scores = model.id_to_piece(ids), model.get_score(ids)
        return [
            Piece(text, score, not is_byte and text not in special)
            for text, score, is_byte in zip(texts, scores, model.is_byte(ids), strict=True)
        ]

    def _keep(self, words: list[str]) -> None:
        """Encode `words` and keep their ids."""
        self._kept.update(zip(words, self._processor.encode(words, num_threads=1), strict=True))
        self._kept.update((word, self._with_sign(word)) for word in words if SPACE in word)
        self._kept_size += sum(map(len, words))

    def _with_sign(self, word: str) -> list[int]:
        """Return the ids of a text that holds SPACE itself."""
        first, *rest = self._processor.encode(word.split(SPACE), num_threads=1)
        return [*first, *chain.from_iterable((*self._sign, *ids) for ids in rest)]

    def _check(self) -> None:
        """Raise InputError unless controls, markers and bytes are those of this version."""
        model = self._processor
        controls = [model.id_to_piece(one) for one in range(min(4, self.vocab_size))]
        if controls != list(sections.CONTROLS):
            raise InputError(f"its first pieces are {controls}, wanted {[*sections.CONTROLS]}")
        for marker in sections.SYMBOLS:
            if model.encode(marker) != [model.piece_to_id(marker)]:
                raise InputError(f"{marker} is not one token of it")
        if sum(model.is_byte(list(range(self.vocab_size)))) != 256:
            raise InputError("it has no piece for each byte, so some texts have no ids")
