"""One changed file as git's raw row and patch tell of it."""

from dataclasses import dataclass

NOWHERE = "0"
"""A blob of nothing but these is none: the file is not there on that side."""

SUBMODULE = "160000"
"""The mode of a commit of another repository; there is no blob behind it."""


@dataclass(slots=True, kw_only=True)
class Row:
    """What happened to one file: git's letter, both modes (as text) and both blobs.

    `original_path` is set for the renamed and copied. The rest is "" and 0 where no patch was
    read: lines, hunks and the text of the hunks, cut if `diff_truncated`.
    """

    path: str
    original_path: str | None
    kind: str
    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str
    insertions: int = 0
    deletions: int = 0
    hunks: int = 0
    diff_text: str = ""
    diff_truncated: bool = False
    is_binary: bool = False

    @property
    def before(self) -> str | None:
        """Return the blob before, None where there is none to be read."""
        return blob(self.old_mode, self.old_blob)

    @property
    def after(self) -> str | None:
        """Return the blob after, None where there is none to be read."""
        return blob(self.new_mode, self.new_blob)


def blob(mode: str, sha: str) -> str | None:
    """Return `sha` if a file of this mode has a blob."""
    return None if mode == SUBMODULE or not sha.strip(NOWHERE) else sha


def make(raw: str, path: str, original_path: str | None) -> Row:
    """Return the change that a raw row tells of, without what its patch will tell."""
    old_mode, new_mode, old_blob, new_blob, kind = raw[1:].split(" ")
    return Row(
        path=path,
        original_path=original_path,
        kind=kind[0],
        old_mode=old_mode,
        new_mode=new_mode,
        old_blob=old_blob,
        new_blob=new_blob,
    )
