"""The markers that give a commit its shape; each is one token of the tokenizer."""

import re
from collections.abc import Iterator

COMMIT = "<|commit|>"
AUTHOR = "<|author|>"
DATE = "<|date|>"
MESSAGE = "<|message|>"
FILES = "<|files|>"
DIFF = "<|diff|>"
END = "<|endoftext|>"
"""GPT-2's own end of text: it ends every commit, and generation."""
PAD = "<|pad|>"

ALL = (END, PAD, COMMIT, AUTHOR, DATE, MESSAGE, FILES, DIFF)

_ANY = re.compile("|".join(re.escape(marker) for marker in ALL))


def remove(text: str) -> str:
    """Take markers out of what people wrote, so that only we can set them.

    Cutting one out may join the halves of another, so this goes on until none is left.
    """
    while _ANY.search(text):
        text = _ANY.sub("", text)
    return text


def places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each marker in `text` begins and ends."""
    return (match.span() for match in _ANY.finditer(text))
