"""Addresses in a list of repositories that carry a secret: refused before anything is recorded."""

import re
from pathlib import Path

from codekiln.core import settings
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import is_remote, place_of

PASSWORD_BEGUN = re.compile(r"[^/?#]*:(?!\d*(?:[/?#]|$))")
"""What follows :// where a user and a password begin, and a separator has cut off their @."""


def refuse_secrets(told: str, config: str = "") -> None:
    """Raise InputError, without repeating it, if a list of repositories carries a secret.

    The list is `told`, or the setting `repositories` of this phase in the document `config`.
    """
    section = settings.document(config).get("discover_repos") or {}
    also = section.get("repositories") if isinstance(section, dict) else ""
    for word in f"{told} {also or ''}".replace(",", " ").split():
        if is_remote(word):
            place_of(word)
        elif shown(word) != word and ("://" in word or not is_file(word)):
            raise InputError(
                "repositories has an address with something before its @ (a password, a token?), "
                "and parameters are written into logs and manifests: give owner/name, and the "
                "token as GITHUB_TOKEN"
            )


def shown(word: str) -> str:
    """Return `word` without what may be a secret in it: what stands before the @ of an address."""
    scheme, mark, rest = word.partition("://")
    before, at, after = (rest if mark else word).rpartition("@")
    if at and before != "git" and (mark or ":" in before or "/" not in before):
        return f"{scheme + mark if mark else ''}***@{after}"
    return f"{scheme}://***" if mark and not at and PASSWORD_BEGUN.match(rest) else word


def is_file(word: str) -> bool:
    """Say whether `word` is a file, and not the name of a repository."""
    return is_remote(word) or Path(word).is_file() or Path(word).is_absolute()
