"""Writing on a terminal, or into a pipe, what people wrote: nothing of it may act there.

Every text passes `visible`, and none is read as rich's markup.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from codekiln.core.errors import printable

if TYPE_CHECKING:
    from codekiln.core.tokens.sentences import Sentences

RULE = 78
"""Columns of a heading's line at the most."""
BAR = "│ "
MOST_LINES, MOST_CHARS = 60, 6000
"""Of one text that is not asked for whole."""
MOST_SHORT = 600
"""Characters of one that should be a line."""
WRAPPED = 8192
"""Characters of a line that are wrapped at one time: rich's time grows with their square."""
TAB = 4
THEME = "ansi_dark"
"""Colors of the terminal itself, whatever they are; its background stays."""

COLORS: Mapping[str, str] = {
    "problem": "cyan",
    "context": "blue",
    "plan": "yellow",
    "code": "green",
    "refine": "magenta",
    "reason": "red",
}
"""The color of a section by its name."""
INTENTS: Mapping[str, str] = {
    "FIX": "red",
    "ADD": "green",
    "REFACTOR": "blue",
    "OPTIMIZE": "magenta",
    "UPDATE": "yellow",
    "REMOVE": "bright_black",
}


class Quiet(Console):
    """A console that leaves it to the program what a closed pipe means."""

    def on_broken_pipe(self) -> None:
        """Raise what rich caught."""
        raise BrokenPipeError


def visible(text: str) -> str:
    """Return `text` with tabs as spaces, and escapes for what would act on a terminal."""
    lines = text.split("\n")
    return "\n".join(printable(line.expandtabs(TAB)) for line in lines)


class Screen:
    """Where records are written, line by line."""

    def __init__(
        self,
        file: IO[str] | None = None,
        *,
        width: int | None = None,
        has_colors: bool | None = None,
        is_whole: bool = False,
    ) -> None:
        """Write to `file` (standard output); a pipe has no colors, and lines as long as they are.

        `has_colors` of None lets the terminal and NO_COLOR decide. `is_whole`: no text is cut.
        """
        file = file or sys.stdout
        wanted = has_colors if has_colors is not None else not os.environ.get("NO_COLOR")
        self._console = Quiet(
            file=file,
            width=width,
            highlight=False,
            markup=False,
            emoji=False,
            color_system="auto" if wanted else None,
        )
        self.is_whole = is_whole
        self.sentences: Sentences | None = None
        """A tokenizer to count with, where people gave one."""
        self.wraps = width is not None or self._console.is_terminal

    @property
    def has_colors(self) -> bool:
        """Say whether colors show."""
        return self._console.color_system is not None

    @property
    def width(self) -> int:
        """Return how many columns a line has."""
        return self._console.width

    def line(self, *parts: "str | tuple[str, str]") -> None:
        """Write one line of texts, each alone or with its style."""
        told = Text()
        for part in parts:
            text, style = (part, "") if isinstance(part, str) else part
            told.append(self.short(text), style)
        self._write(told)

    def short(self, text: str) -> str:
        """Return what is shown of a text that should be one line, and is whatever people wrote."""
        is_cut = len(text) > MOST_SHORT and not self.is_whole
        return visible(text[:MOST_SHORT] + "…" if is_cut else text).replace("\n", " ")

    def heading(self, name: str, note: str = "", color: str = "") -> None:
        """Begin a section."""
        color = color or COLORS.get(name, "white")
        told = f"── {self.short(name)} "
        rest = f" {self.short(note)}" if note else ""
        room = min(self.width, RULE) - len(told) - len(rest)
        self._write(
            Text.assemble((told, f"bold {color}"), ("─" * max(room, 2), color), (rest, "dim"))
        )

    def prose(self, text: str, color: str = "", bar: str = BAR) -> None:
        """Write a text that is no code."""
        shown, note = self._cut(text)
        self.body(Text(visible(shown)), color, bar)
        self._left(note, color, bar)

    def code(self, text: str, color: str = "", bar: str = BAR, language: str = "go") -> None:
        """Write a text of a programming language."""
        shown, note = self._cut(text)
        syntax = Syntax("", language, theme=THEME, background_color="default")
        told = syntax.highlight(visible(shown))
        told.rstrip()
        self.body(told, color, bar)
        self._left(note, color, bar)

    def body(self, text: Text, color: str = "", bar: str = BAR) -> None:
        """Write `text` below its heading, a bar before each line."""
        for line in self._lines(text):
            self._write(Text.assemble((bar, color), line))

    def _lines(self, text: Text) -> Iterator[Text]:
        for line in text.split("\n", allow_blank=True):
            if not self.wraps:
                yield line
                continue
            for part in line.divide(range(WRAPPED, len(line), WRAPPED)) or [line]:
                wrapped = part.wrap(self._console, max(self.width - len(BAR), 1), overflow="fold")
                yield from wrapped or [part]

    def _cut(self, text: str) -> tuple[str, str]:
        """Return what is shown of `text`, and what is said of the rest."""
        if self.is_whole:
            return text, ""
        shown = "\n".join(text[:MOST_CHARS].split("\n")[:MOST_LINES])
        left = len(text) - len(shown)
        return shown, f"… {left:,} more characters; --full shows them" if left else ""

    def _left(self, note: str, color: str, bar: str) -> None:
        if note:
            self._write(Text.assemble((bar, color), (note, "dim italic")))

    def _write(self, text: Text) -> None:
        if self.wraps:
            self._console.print(text, overflow="fold")
        else:
            self._console.print(text, soft_wrap=True)
