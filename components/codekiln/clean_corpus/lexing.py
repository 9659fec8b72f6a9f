"""Texts as rows of words, of code with its names struck out, and of numbers; by numpy.

Three views of a text, each a sequence of hashes:

* words: letters and digits, in lower case. What prose and docstrings share.
* shape: Go without comments, each name of the author's replaced by one mark. What code shares after
  names, comments and layout are changed.
* numbers: numbers alone. What tests and examples share in any language.

This is no lexer of Go: strings are words between quotes. Both sides are read in the same way, and
that is all that counts here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from codekiln.clean_corpus.text_hashes import Bytes, Hashes, Pieces, Places, joined

WORDS, SHAPE, NUMBERS = VIEWS = ("words", "shape", "numbers")
LINE_FEED, SLASH, STAR, COLON = b"\n/*:"

KEPT_NAMES = (
    b"break case chan const continue default defer else fallthrough for func go goto if "
    b"import interface map package range return select struct switch type var any append bool "
    b"byte cap clear close complex copy delete error false float32 float64 imag int int16 "
    b"int32 int64 int8 iota len make max min new nil panic print println real recover rune "
    b"string true uint uint16 uint32 uint64 uint8 uintptr strings strconv sort math fmt sqrt "
    b"pow floor ceil abs split join contains replace repeat tolower toupper trimspace fields "
    b"index hasprefix hassuffix itoa atoi ints slice mod sprintf sprint println trim count "
    b"reverse"
).split()
"""Words that nobody renames: Go's keywords and predeclared names, and what short programs call."""

_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[ord("A") : ord("Z") + 1] += 32
_IS_WORD = np.zeros(256, np.bool_)
_IS_WORD[[*b"0123456789abcdefghijklmnopqrstuvwxyz", *range(128, 256)]] = True
_IS_SIGN = np.zeros(256, np.bool_)
_IS_SIGN[list(b"!#$%&()*+,-./:;<=>?@[]^{|}~")] = True
_IS_DIGIT = np.zeros(256, np.bool_)
_IS_DIGIT[list(b"0123456789")] = True
_MARK = np.uint64(0x6E616D65)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The hashes of the tokens of some texts, and the text that each is in, ascending."""

    hashes: Hashes
    owners: Places

    def where(self, wanted: NDArray[np.bool_]) -> "Tokens":
        """Return those that are wanted."""
        return Tokens(self.hashes[wanted], self.owners[wanted])


def views(texts: Sequence[bytes]) -> Mapping[str, Tokens]:
    """Return each view of `texts`."""
    data, ends = joined(texts)
    data = _LOWER[data]
    words, digits = _words(data, ends, _IS_WORD[data])
    return {WORDS: words, NUMBERS: words.where(digits), SHAPE: _shape(data, ends)}


def _words(
    data: Bytes, ends: Places, inside: NDArray[np.bool_]
) -> tuple[Tokens, NDArray[np.bool_]]:
    """Return the runs of bytes that are `inside`, and whether each begins with a digit."""
    starts, stops = _runs(inside)
    hashes = Pieces(data).hashes(starts, stops)
    return Tokens(hashes, np.searchsorted(ends, starts, side="right")), _IS_DIGIT[data[starts]]


def _runs(inside: NDArray[np.bool_]) -> tuple[Places, Places]:
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    # Each text ends with a line feed, so a run always ends; only the first byte may begin one.
    if len(inside) and inside[0]:
        edges = np.concatenate(([0], edges))
    return edges[::2], edges[1::2]


def _shape(data: Bytes, ends: Places) -> Tokens:
    """Return code without comments, names struck out."""
    code = ~_comments(data)
    inside = (_IS_WORD[data] | (data == ord("_"))) & code
    signs = np.flatnonzero(_IS_SIGN[data] & code)
    starts, stops = _runs(inside)
    hashes = Pieces(data).hashes(starts, stops)
    hashes[~_IS_DIGIT[data[starts]] & ~np.isin(hashes, _kept())] = _MARK
    places = np.concatenate([starts, signs])
    order = np.argsort(places, kind="stable")
    values = np.concatenate([hashes, data[signs].astype(np.uint64)])[order]
    return Tokens(values, np.searchsorted(ends, places[order], side="right"))


def _comments(data: Bytes) -> NDArray[np.bool_]:
    """Say which bytes are in a comment that runs to the end of its line; not after a colon (URLs).

    Go's block comments are rare; the stars of one are signs, its words names.
    """
    places = np.arange(len(data))
    slashes = np.zeros(len(data), np.bool_)
    slashes[1:-1] = (data[1:-1] == SLASH) & (data[2:] == SLASH) & (data[:-2] != COLON)
    slashes[:1] = len(data) > 1 and data[0] == SLASH and data[1] == SLASH
    begun = np.maximum.accumulate(np.where(slashes, places, -1))
    line = np.maximum.accumulate(np.where(data == LINE_FEED, places, -1))
    return begun > line


@cache
def _kept() -> Hashes:
    data, ends = joined(KEPT_NAMES)
    starts = np.concatenate(([0], ends[:-1]))
    return Pieces(data).hashes(starts, ends - 1)


def grams(tokens: Tokens, size: int) -> Tokens:
    """Return the runs of `size` tokens that do not leave their text."""
    count = len(tokens.hashes) - size + 1
    if count <= 0:
        return tokens.where(np.zeros(len(tokens.hashes), np.bool_))
    made = np.zeros(count, np.uint64)
    for place in range(size):
        made *= np.uint64(0x9E3779B97F4A7C15)
        made += tokens.hashes[place : place + count]
    whole = tokens.owners[:count] == tokens.owners[size - 1 :]
    return Tokens(made[whole], tokens.owners[:count][whole])
