"""How much of a history is kept, and how the work is cut."""

from dataclasses import dataclass, field

from codekiln.core.git.caps import Caps


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be kept of one commit; counts are of everything, whatever is kept."""

    caps: Caps = field(default_factory=Caps)
    message_bytes: int = 64 << 10
    largest_file_bytes: int = 50 << 20
    """A larger file is taken for binary: git needs up to seven times its size to diff it, and 44
    bytes a line. A diff that needs more than git may have (`command.DIFF_BYTES`) is unreadable."""
    branches: int = 20
    """Names of branches listed with a commit; `branch_count` tells how many there are."""
    range_commits: int = 2000
    """Commits in one range, thus in one file; the bytes written depend on it."""
    newest: int = 0
    """Mine only so many of the newest commits; 0 is all."""
