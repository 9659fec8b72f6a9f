"""Which files of a pull request are looked at, and why the others are not."""

from codekiln.build_examples.limits import Limits
from codekiln.core.corpus.pulls import ChangedFile
from codekiln.core.golang import files, lexing
from codekiln.core.golang.declarations import Outline


def verdict(file: ChangedFile, limits: Limits) -> str | None:
    """Name the reason to leave `file` out, or None to look into it."""
    if not files.is_go(file.path):
        return "not go"
    if file.status == "removed":
        return "removed file"
    return _of_place(file, limits) or _of_contents(file, limits)


def _of_place(file: ChangedFile, limits: Limits) -> str | None:
    if files.is_vendored(file.path):
        return "vendored"
    if files.is_test(file.path) and not limits.tests:
        return "test"
    return None


def _of_contents(file: ChangedFile, limits: Limits) -> str | None:
    is_new = file.status == "added"
    if file.after is None or (file.before is None and not is_new):
        return "binary" if file.binary else "content missing"
    sides = (file.after, file.before or "")
    if any(is_long(side, limits.file_bytes) for side in sides):
        return "too long"
    if any(files.is_generated(side) for side in sides):
        return "generated"
    return "nothing changed" if file.after == file.before else None


def is_long(text: str, most: int) -> bool:
    """Say whether `text` has more than `most` bytes in UTF-8; a long one is not encoded for it."""
    return len(text) > most or (len(text) > most // 4 and len(text.encode()) > most)


def undeclared(before: Outline, after: Outline) -> str:
    """Say what a file changed that left all its declarations as they were."""
    if list(before.imports) != list(after.imports):
        return "imports only"
    return "package clause only" if before.package != after.package else "comments only"


def cosmetic(before: str, after: str) -> str | None:
    """Name what alone tells two texts of one declaration apart, None if it is code."""
    if lexing.tokens(before, comments=False) != lexing.tokens(after, comments=False):
        return None
    same = lexing.tokens(before, comments=True) == lexing.tokens(after, comments=True)
    return "formatting only" if same else "comments only"
