"""Taking a tokenizer's markers out of what people wrote, so that only we can set them."""

import re
from collections.abc import Iterable, Iterator


class Markers:
    """Some texts, each of which is one token of a tokenizer."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._any = re.compile("|".join(re.escape(text) for text in texts))

    def remove(self, text: str) -> str:
        """Return `text` without them.

        Cutting one out may join the halves of another, so this goes on until none is left.
        """
        while self._any.search(text):
            text = self._any.sub("", text)
        return text

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where each of them in `text` begins and ends."""
        return (match.span() for match in self._any.finditer(text))
