"""Makes changed Go files for tests, with the patch that git would show of them."""

import difflib
from typing import Any

from pulls_made import changed

from codekiln.core.corpus.pulls import ChangedFile


def patch(before: str, after: str) -> str:
    """Return the hunks between two texts, as the field `patch` of a collected file."""
    rows = difflib.unified_diff(cut(before), cut(after), lineterm="", n=3)
    shown = []
    for row in list(rows)[2:]:
        shown.append(row.removesuffix("\n"))
        if not row.endswith("\n") and not row.startswith("@@"):
            shown.append("\\ No newline at end of file")
    return "\n".join(shown)


def cut(text: str) -> list[str]:
    """Cut `text` behind line feeds alone, as git does."""
    return [line + "\n" for line in text.split("\n")[:-1]] + [
        line for line in [text.split("\n")[-1]] if line
    ]


def go(before: str | None, after: str | None, path: str = "store.go", **more: Any) -> ChangedFile:
    """Return a Go file that was changed, added (no before) or removed (no after)."""
    status = "added" if before is None else "removed" if after is None else "modified"
    told = {"status": status, "patch": patch(before or "", after or ""), **more}
    return changed(path, before=before, after=after, **told)


def package(*declarations: str) -> str:
    """Return a file with these declarations."""
    return "package p\n\n" + "\n\n".join(declarations) + "\n"
