"""The list of repositories that a user gives: words of a setting, or the lines of a file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from codekiln.core.corpus.repositories import SLUG
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import is_remote, open_store
from codekiln.discover_repos.addresses import is_file, shown

HOST = re.compile(r"^(?:https?://|ssh://git@|git@)?[\w.-]+\.[a-z]+[/:]", re.IGNORECASE)
"""What stands before owner/name where people copy it from a browser or from git."""
MOST_FAULTS = 3
"""So many are told in full."""


@dataclass(frozen=True)
class Names:
    """owner/name each, in the order of the list, each once."""

    names: tuple[str, ...]
    doubled: int
    """How many more times they were named."""


def read(told: str) -> Names:
    """Read the setting `repositories`: names, or where a file with a name a line lies.

    A file may have comments (#) and empty lines. Raises InputError that names each wrong line.
    """
    words = told.replace(",", " ").split()
    if len(words) == 1 and is_file(words[0]):
        return parse(_lines(words[0]), words[0])
    return parse(((0, word) for word in words), "repositories")


def _lines(place: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(_text(place).splitlines(), start=1):
        for word in line.partition("#")[0].replace(",", " ").split():
            yield number, word


def _text(place: str) -> str:
    """Return what the file `place` holds; raises InputError if it cannot be read."""
    try:
        if is_remote(place):
            folder, _, name = place.rpartition("/")
            return open_store(folder).read(name).decode()
        return Path(place).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"repositories is {place}, which cannot be read as text: {error}; give a file with an "
            'owner/name a line, or "owner/name owner/name"'
        ) from error


def parse(words: Iterable[tuple[int, str]], place: str) -> Names:
    """Read words with the number of their line (0: none); raises InputError."""
    names: dict[str, str] = {}
    faults: list[str] = []
    count = 0
    for line, word in words:
        name = slug(word)
        count += 1
        if SLUG.match(name):
            names.setdefault(name.casefold(), name)
        else:
            where = f"{place}, line {line}" if line else place
            faults.append(f"{where}: found {shown(word)!r}, wanted owner/name")
    if faults:
        more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise InputError("; ".join(faults[:MOST_FAULTS]) + more)
    if not names:
        raise InputError(f"{place} names no repository; give an owner/name a line")
    return Names(tuple(names.values()), count - len(names))


def slug(word: str) -> str:
    """Return owner/name of `word`, which may be the address of a page or a clone."""
    path = HOST.sub("", word, count=1) if ":" in word or word.count("/") > 1 else word
    return path.rstrip("/").removesuffix(".git")
