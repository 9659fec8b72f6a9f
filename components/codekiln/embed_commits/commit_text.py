"""What of a commit is embedded: its message, then the paths it changed."""

from collections.abc import Sequence

BODY_CHARS = 600
"""The model reads 256 word pieces, some 1,000 characters: a long body must leave paths room."""

PATHS = 20


def compose(subject: str, body: str, paths: Sequence[str]) -> str:
    """Return the text of a commit; the model cuts what is beyond its length."""
    parts = [subject, body.strip()[:BODY_CHARS], "\n".join(paths[:PATHS])]
    return "\n".join(part for part in parts if part)
