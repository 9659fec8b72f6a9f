"""What a diff itself says of a change, in words: calls, signatures, names that came and went."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codekiln.build_examples.targets import RENAMED, Target
from codekiln.core.golang import lexing
from codekiln.core.golang.declarations import CONST, FUNC, METHOD, VAR, Declaration

MOST_NAMES = 6
"""Names listed of one kind."""
LONGEST_SIGNATURE = 160
LONGEST_WORD = 40
"""Characters of a name or number that is listed."""

MEMBER = re.compile(r"^\s+([A-Za-z_]\w*)\b", re.MULTILINE)
"""The first word of a line inside a type: a field, a method of an interface."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that differs: `evidence` names what was looked at."""

    evidence: str
    text: str


def facts(target: Target | None, before: str, code: str) -> Iterator[Fact]:
    """Yield what tells `code` from what stood there `before`, of one target or of some lines."""
    named = list(of_names(target)) if target is not None else []
    yield from named
    is_new = target is not None and target.before is None
    if target is None or target.shown.kind in (FUNC, METHOD):
        yield from of_calls("" if is_new else before, code)
    elif named:
        return
    if not is_new:
        yield from of_words(before, code)


def of_names(target: Target) -> Iterator[Fact]:
    """Yield the new name or signature of a function, the names that a type or group got or lost."""
    before, after = target.before, target.after
    if after is None:
        return
    if before is not None and target.change == RENAMED and before.name != after.name:
        yield Fact("diff:name", f"rename from {before.name}")
    if after.kind in (FUNC, METHOD):
        told = signature(after)
        if told and (before is None or told != signature(before)):
            yield Fact("diff:signature", f"signature {told}")
    elif before is not None:
        yield from differing("names", members(before), members(after), "add", "remove")


def signature(declaration: Declaration) -> str:
    """Return how a function begins, without its comment, "" if that is long or not in one line."""
    line = next((line for line in declaration.text.split("\n") if line.startswith("func ")), "")
    told = line.rstrip().removesuffix("{").rstrip()
    return told if line.rstrip().endswith("{") and len(told) <= LONGEST_SIGNATURE else ""


def members(declaration: Declaration) -> list[str]:
    """Return the names that a declaration declares, or the members of one type, as they come."""
    if len(declaration.specs) > 1 or declaration.kind in (VAR, CONST):
        return declaration.names
    bare = "\n".join(line for line in declaration.text.split("\n") if "//" not in line[:3].strip())
    return list(dict.fromkeys(MEMBER.findall(bare)))


def of_calls(before: str, after: str) -> Iterator[Fact]:
    """Yield what is called now and was not, and the other way round."""
    old = lexing.called(lexing.tokens(before, comments=False))
    new = lexing.called(lexing.tokens(after, comments=False))
    yield from differing("calls", old, new, "call", "no longer call")


def of_words(before: str, after: str) -> Iterator[Fact]:
    """Yield the names and numbers that came and went, but for those that are called."""
    old, new = (lexing.tokens(text, comments=False) for text in (before, after))
    called = {*lexing.called(old), *lexing.called(new)}
    told = [[one for one in some if is_telling(one) and one not in called] for some in (old, new)]
    yield from differing("words", told[0], told[1], "use", "no longer use")


def is_telling(token: str) -> bool:
    """Say whether a token by itself says something: a name or a number, neither short nor long.

    A text is never listed: that it is a password shows only where it stands, not in a list.
    """
    is_word = lexing.WORD.fullmatch(token) is not None and token not in lexing.KEYWORDS
    return (is_word or token[0].isdigit()) and 1 < len(token) <= LONGEST_WORD


def differing(
    what: str, old: Iterable[str], new: Iterable[str], came: str, went: str
) -> Iterator[Fact]:
    """Yield one fact of the names that came and went, if any did."""
    before, after = dict.fromkeys(old), dict.fromkeys(new)
    parts = [
        f"{verb} {', '.join(names[:MOST_NAMES])}"
        for verb, names in (
            (came, [name for name in after if name not in before]),
            (went, [name for name in before if name not in after]),
        )
        if names
    ]
    if parts:
        yield Fact(f"diff:{what}", "; ".join(parts))
