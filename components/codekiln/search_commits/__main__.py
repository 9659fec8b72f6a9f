"""Door of the search: `python -m codekiln.search_commits --embeddings DIR --query TEXT`."""

import logging
import sys
import time

from rich.console import Console

from codekiln.core import manifest, program
from codekiln.core.embedding import encoder
from codekiln.core.errors import InputError
from codekiln.core.program import Done
from codekiln.search_commits import collection, listing
from codekiln.search_commits.settings import Settings

logger = logging.getLogger(__name__)


def search_commits(settings: Settings) -> Done:
    """Embed the question as the commits were, search, and show what was found."""
    source = encoder.find(settings.model)
    check_model(source, manifest.read(settings.embeddings))
    client = collection.load(settings.embeddings)
    vector = encoder.Encoder(source).encode_one(settings.query)
    start = time.perf_counter()
    only = collection.narrowed(settings.author, settings.since)
    hits = collection.search(client, vector, settings.limit, only)
    searched_ms = 1000 * (time.perf_counter() - start)
    show(hits, settings.format)
    points = client.count(collection.NAME).count
    logger.info("searched %d commits in %.0f ms", points, searched_ms)
    return Done(counts={"commits": points, "found": len(hits)})


def check_model(source: encoder.Source, made: manifest.Manifest) -> None:
    """Raise InputError unless the commits were embedded with this very model."""
    wanted = made.inputs.get("model", "")
    if source.digest != wanted:
        raise InputError(
            f"{source.name} (sha256 {source.digest[:12]}) did not make these embeddings, sha256 "
            f"{wanted[:12]} did: give --model the folder that embed_commits had, or embed again"
        )


def show(hits: list[collection.Hit], style: str) -> None:
    """Write `hits` to standard output: a table in a terminal, else a line each."""
    console = Console()
    if not hits and style == "table":
        logger.warning("no commit matches; widen --author or --since")
    elif style == "table" and console.is_terminal:
        console.print(listing.table(hits))
    else:
        told = listing.lines(hits) if style == "json" else listing.rows(hits)
        sys.stdout.writelines(f"{line}\n" for line in told)


if __name__ == "__main__":
    program.run(search_commits, Settings)
