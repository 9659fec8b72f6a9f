"""Counting the lines of hunks by their first character."""

import numpy as np

LARGE = 1500
"""From so many bytes on, one pass of numpy's is faster than three of bytes.count."""

BREAK, ADDED, REMOVED, HEADER = b"\n+-@"


def count(hunks: bytes, start: int = 0) -> tuple[int, int, int]:
    """Return how many lines are inserted and deleted, and how many hunks begin, from `start` on.

    Lines of a file begin with space, `+`, `-` or a backslash, so `@` is that of a header. What
    stands before the first line break is no line.
    """
    if len(hunks) - start < LARGE:
        return hunks.count(b"\n+", start), hunks.count(b"\n-", start), hunks.count(b"\n@", start)
    text = np.frombuffer(hunks, np.uint8, offset=start)
    firsts = np.bincount(text[1:][text[:-1] == BREAK], minlength=HEADER + 1)
    return int(firsts[ADDED]), int(firsts[REMOVED]), int(firsts[HEADER])
