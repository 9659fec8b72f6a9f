"""How much of a pull request is kept, and how much of a repository is brought here."""

from dataclasses import dataclass, field

from codekiln.collect_pulls.kept import Kept


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what git tells of a pull request; what is past one is marked, never guessed.

    A pull request that changes more than `files` kept files is listed with paths and statuses only:
    none of its contents are fetched. One file gives at most `file_bytes` of patch and of each
    content, a pull request `pull_bytes` of all. A file larger than `largest_file_bytes` is not
    diffed. `disk_bytes` is for everything of one repository.
    """

    kept: Kept = field(default_factory=Kept)
    files: int = 100
    listed_files: int = 3000
    commits: int = 250
    message_bytes: int = 64 << 10
    file_bytes: int = 256 << 10
    pull_bytes: int = 2 << 20
    largest_file_bytes: int = 4 << 20
    disk_bytes: int = 4 << 30
    fetch_seconds: int = 3600
