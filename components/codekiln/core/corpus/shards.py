"""The names of the files of a folder of commits; known without loading Arrow."""

from pathlib import Path

PATTERN = "commits-*.parquet"


def shard(folder: Path, number: int) -> Path:
    """Return the path of the file with this number."""
    return folder / f"commits-{number:05d}.parquet"
