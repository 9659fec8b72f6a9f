"""Who asked to be left out: names of owners and repositories, or the file that lists them."""

import re
from collections.abc import Iterable
from pathlib import Path

from codekiln.core.corpus.node_ids import canonical
from codekiln.core.errors import InputError

NAME = re.compile(r"[A-Za-z0-9_=-]+(/[A-Za-z0-9_.-]+)?")
"""An owner or a node id, or owner/name, as GitHub writes them."""
LISTS = (".txt", ".csv", ".tsv", ".list", ".lst")
"""How the name of a file of names ends; a single word that does is its path, not a name."""


def names_of(told: str) -> list[str]:
    """Return the names in `told`, or in the file that it is the path of; # begins a remark.

    Node ids are spelled as the data spell them.

    Raises InputError if that file cannot be read, or if what is told is no list of names.
    """
    if told and _is_path(Path(told)):
        return _names(_text_of(Path(told)), f"the opt-out list {told}")
    if told.strip().lower().endswith(LISTS):
        raise InputError(
            f"opt_out holds {told!r}, which is no file here: give the path of a file that lists "
            "owner/name, owner and node ids, or the names themselves"
        )
    return _names(told, "opt_out")


def strangers(names: Iterable[str], repositories: Iterable[tuple[str, str]]) -> list[str]:
    """Return those of `names`, in lower case, that none of `repositories` has.

    A repository is told by owner/name and node id.
    """
    known: set[str] = set()
    for name, node_id in repositories:
        known |= {name.lower(), name.lower().partition("/")[0], node_id.lower()}
    return sorted(set(names) - known)


def checked(told: str) -> str:
    """Return `told`; raises InputError if it is neither names nor a path, here or elsewhere."""
    if not _is_path(Path(told)):
        names_of(told)
    return told


def _names(text: str, place: str) -> list[str]:
    told = re.sub(r"#[^\n]*", " ", text).replace(",", " ").split()
    wrong = [name for name in told if not NAME.fullmatch(name)]
    if wrong:
        raise InputError(
            f"{place} holds {wrong[0]!r}: it lists owner/name, owner and node ids, or is the path "
            "of a file that does"
        )
    return [canonical(name) for name in told]


def _is_path(path: Path) -> bool:
    try:
        return path.is_absolute() or path.exists()
    except OSError:
        # A list of names is soon too long for a path.
        return False


def _text_of(path: Path) -> str:
    try:
        # What Windows writes may begin with a mark, which would make another word of the first.
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the opt-out list {path} is not UTF-8: save it as UTF-8") from error
    except IsADirectoryError as error:
        raise InputError(
            f"opt_out is {path}, a folder: give the file that lists the names; if an owner is "
            f"meant, write {path.name},"
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read the opt-out list {path}: {error.strerror}; give another"
        ) from error
