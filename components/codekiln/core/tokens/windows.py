"""Windows over one long row of tokens."""

from typing import NamedTuple


class Window(NamedTuple):
    """A half-open range of token positions."""

    start: int
    stop: int


def cut(total: int, window: int, overlap: int, start: int = 0) -> list[Window]:
    """Cut positions start..total into ranges of `window` tokens that overlap by `overlap`.

    The final one may be shorter (it is padded where it is used); none lies inside the one before.
    """
    if not 0 <= overlap < window:
        raise ValueError(
            f"overlap is {overlap}; it must be at least 0 and below the window {window}"
        )
    starts = range(start, max(total - overlap, min(start + 1, total)), window - overlap)
    return [Window(first, min(first + window, total)) for first in starts]
