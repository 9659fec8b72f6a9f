"""How a text looks that is cut into the pieces of its tokens."""

from collections.abc import Sequence

from rich.text import Text

from codekiln.peek.screen import visible

LINE_END = "↵"


def shown(
    told: Sequence[str], ids: Sequence[int], styles: tuple[str, str], *, with_ids: bool
) -> Text:
    """Return pieces one after the other, their `styles` in turns, so that their ends show.

    A line end is shown as a sign, with what comes after it on the next line.
    """
    body = Text()
    for place, (one, piece) in enumerate(zip(ids, told, strict=True)):
        head, end, rest = piece.rpartition("\n")
        style = styles[place % 2]
        body.append(visible(head.replace("\n", LINE_END) + (LINE_END if end else rest)), style)
        if with_ids:
            body.append(f"[{one}]", "dim")
        if end:
            body.append("\n")
            body.append(visible(rest), style)
    body.rstrip()
    return body
