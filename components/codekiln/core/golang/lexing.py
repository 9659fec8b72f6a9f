"""The tokens of Go source, by a regular expression that is linear and takes any text.

It follows the lexical part of the Go specification closely enough to tell code from comments and
from white space; it judges nothing.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

# Nothing here ever goes back, for each branch ends in what always fits. Groups are not possessive:
# the Python of Debian 12 (3.11.2) finds no match for those that hold a lookahead.
TOKEN = re.compile(
    r"(?P<comment>//[^\n]*+|/\*.*?(?:\*/|\Z))"
    r"|`[^`]*+(?:`|\Z)"
    r'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"?'
    r"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*'?"
    r"|(?P<space>\s+)"
    r"|\w+"
    r"|[^\w\s]",
    re.DOTALL,
)
"""What does not end (a raw string, a comment) reaches to the end of the text."""

WORD = re.compile(r"[^\W\d]\w*")

KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        "break case chan const continue default defer else fallthrough for func go goto if import "
        "interface map package range return select struct switch type var",
    )
)


def tokens(text: str, *, comments: bool) -> list[str]:
    """Return the tokens of `text` without white space; with its comments if told.

    Line ends are white space here, though Go reads some as semicolons. A comma that ends the last
    line of a list is left out, for it comes and goes with the line breaks.
    """
    found = [
        match[0]
        for match in TOKEN.finditer(text)
        if match.lastgroup is None or (comments and match.lastgroup == "comment")
    ]
    return list(_without_last_commas(found))


def _without_last_commas(found: list[str]) -> Iterable[str]:
    for one, following in pairwise([*found, ""]):
        if one != "," or following not in (")", "}"):
            yield one


def called(code: Iterable[str]) -> list[str]:
    """Return the names that the tokens `code` call (`x.f` is f), each once, as they come.

    Conversions look the same and are among them; declared functions and keywords are not.
    """
    found: dict[str, None] = {}
    before, last = "", ""
    for one in code:
        is_name = WORD.fullmatch(last) is not None and last not in KEYWORDS
        if one == "(" and is_name and before not in ("func", ")"):
            found[last] = None
        before, last = last, one
    return list(found)
