"""Answers as a table for a person, a line each for a pipe, or as JSON lines for a program."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from codekiln.search_commits.collection import Hit


def table(hits: Sequence[Hit]) -> Table:
    """Return a table of `hits`, best first."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("#", "score"):
        made.add_column(name, justify="right", no_wrap=True)
    for name in ("commit", "date"):
        made.add_column(name, no_wrap=True)
    made.add_column("author", max_width=20, no_wrap=True, overflow="ellipsis")
    made.add_column("subject", overflow="fold")
    for rank, hit in enumerate(hits, start=1):
        made.add_row(*_cells(rank, hit))
    return made


def _cells(rank: int, hit: Hit) -> Iterator[Text]:
    """Yield the cells of one row; Text, so that a subject cannot be read as markup."""
    yield Text(str(rank), style="dim")
    yield Text(f"{hit.score:.3f}", style="green")
    yield Text(printable(hit.commit.abbrev_hash), style="yellow")
    yield Text(hit.commit.timestamp[:10])
    yield Text(printable(hit.commit.author), style="cyan")
    yield Text(printable(hit.commit.subject))


def rows(hits: Sequence[Hit]) -> Iterator[str]:
    """Yield each hit as one line, its cells apart by tabs: what a pipe gets of the table."""
    for rank, hit in enumerate(hits, start=1):
        yield "\t".join(cell.plain for cell in _cells(rank, hit))


def printable(text: str) -> str:
    """Return `text` without what would move a terminal's cursor or turn its reading direction."""
    return "".join(char if char.isprintable() else " " for char in text)


def lines(hits: Iterable[Hit]) -> Iterator[str]:
    """Yield each hit as one JSON object: rank, score and all that its point tells."""
    for rank, hit in enumerate(hits, start=1):
        told = {"rank": rank, "score": round(hit.score, 6), **dataclasses.asdict(hit.commit)}
        yield json.dumps(told)
