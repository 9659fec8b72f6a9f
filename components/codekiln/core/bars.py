"""The bars that a terminal shows."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column


def bars(console: Console | None = None) -> Progress:
    """Return the bars of this product: label, bar, counts, times, note."""
    return Progress(
        TextColumn("{task.description:<16}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[unit]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        # A long note is cut; it takes no width from the others.
        TextColumn(
            "[dim]{task.fields[note]}",
            table_column=Column(ratio=1, no_wrap=True),
        ),
        console=console or Console(stderr=True),
        transient=True,
        expand=True,
    )
