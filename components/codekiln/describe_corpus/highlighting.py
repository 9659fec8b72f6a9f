"""Go in colors: pieces of a text with the class of the style sheet that each has."""

from collections.abc import Iterator

from rich.style import Style
from rich.syntax import Syntax, SyntaxTheme, TokenType

CLASSES = {"Keyword": "k", "String": "s", "Comment": "c", "Number": "m", "Function": "f"}
"""Classes by a word in the kind of a token, as pygments names them."""


class _Classes(SyntaxTheme):
    """A theme that tells classes in the place of colors."""

    def get_style_for_token(self, token_type: TokenType) -> Style:
        """Return a style that only carries the class."""
        found = (told for word, told in CLASSES.items() if word in set(token_type))
        return Style(meta={"class": next(found, "")})

    def get_background_style(self) -> Style:
        """Return no background."""
        return Style()


def pieces(code: str, language: str = "go") -> Iterator[tuple[str, str]]:
    """Yield class ("" for none) and text of each piece of `code`, all but its tabs, in order."""
    told = Syntax("", language, theme=_Classes()).highlight(code)
    at = 0
    for span in sorted(told.spans, key=lambda one: one.start):
        style = span.style
        kind = style.meta.get("class", "") if isinstance(style, Style) else ""
        if kind and span.start >= at:
            yield "", told.plain[at : span.start]
            yield kind, told.plain[span.start : span.end]
            at = span.end
    yield "", told.plain[at:]
