"""Hunks of pairs of blobs met before, so that a merge need not diff again what its branch did."""

from dataclasses import dataclass

from codekiln.mine_commits.patches import Caps, CommitDiff, FileDiff, finish

LARGEST = 4 << 20
"""Bytes of text remembered; the oldest go first."""

OVERHEAD = 400
"""Bytes that one entry takes beside its text."""


@dataclass(frozen=True, slots=True)
class Hunks:
    """What the patch from one blob to another holds; `text` as far as the cap of a file."""

    insertions: int
    deletions: int
    hunks: int
    size: int
    is_binary: bool
    text: bytes


class Remembered:
    """Hunks by pair of blobs: they depend on nothing else, neither on path nor on mode."""

    def __init__(self, caps: Caps, largest: int = LARGEST) -> None:
        self.caps = caps
        self.largest = largest
        self.known: dict[tuple[str, str], Hunks] = {}
        self.size = 0

    def keep(self, row: FileDiff) -> None:
        """Remember the hunks of a row that is read, before its text is cut to whole lines."""
        # What the cap of its commit cut short may be needed in full; a type change is two patches.
        short = len(row.text) < min(row.size, self.caps.file_bytes)
        pair = row.old_blob, row.new_blob
        if short or row.change_type == "T" or pair in self.known:
            return
        self.known[pair] = Hunks(
            row.insertions, row.deletions, row.hunks, row.size, row.is_binary, row.text
        )
        self.size += len(row.text) + OVERHEAD
        while self.size > self.largest:
            oldest = self.known.pop(next(iter(self.known)))
            self.size -= len(oldest.text) + OVERHEAD

    def complete(self, diff: CommitDiff) -> bool:
        """Give the rows of `diff` their hunks as if git had; tell whether all were known."""
        if len(diff.files) < diff.changed or "T" in diff.types:
            return False
        left = self.caps.commit_bytes
        for row in diff.files:
            if row.old_blob == row.new_blob:
                continue  # moved or made executable, that is all
            hunks = self.known.get((row.old_blob, row.new_blob))
            if hunks is None:
                return False
            fill(row, hunks, min(self.caps.file_bytes, left))
            left -= len(row.text)
            diff.insertions += hunks.insertions
            diff.deletions += hunks.deletions
            diff.size += hunks.size
            diff.binary += hunks.is_binary
            diff.is_capped |= finish(row)
        return True


def fill(row: FileDiff, hunks: Hunks, room: int) -> None:
    """Give `row` its hunks, and of their text what there is room for."""
    row.insertions, row.deletions = hunks.insertions, hunks.deletions
    row.hunks, row.size, row.is_binary = hunks.hunks, hunks.size, hunks.is_binary
    row.text = hunks.text[:room]
