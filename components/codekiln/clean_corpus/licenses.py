"""Whose code may be learned from: rules about licenses and about those who asked to be left out."""

from collections.abc import Collection, Sequence

from codekiln.clean_corpus.content import HEAD_BYTES, SPDX, Parts, Rule
from codekiln.core.corpus.licenses import UNKNOWN


def licensed(allowed: Collection[str] | None) -> Rule:
    """Return the rule that the license of repository and file is one of `allowed`; None: any."""
    if allowed is None:
        return lambda _: None
    known = {one.lower() for one in allowed}

    def rule(parts: Parts) -> str | None:
        told = parts.example.license.strip()
        if told.upper() in UNKNOWN:
            return "license unknown"
        if not _allows(told, known):
            return "license not allowed"
        return _of_file(parts, known)

    return rule


def _of_file(parts: Parts, known: set[str]) -> str | None:
    """Refuse a file that says it is under another license than its repository."""
    for text in (parts.before[:HEAD_BYTES], parts.code[:HEAD_BYTES]):
        said = SPDX.search(text)
        if said and not _allows(said.group(1).decode("ascii"), known):
            return "license of the file not allowed"
    return None


def _allows(expression: str, known: set[str]) -> bool:
    """Say whether an SPDX expression can be met by `known`: any side of OR, all sides of AND."""
    sides = expression.replace("(", " ").replace(")", " ").split(" OR ")
    return any(
        all(word.split(" WITH ")[0].strip().lower() in known for word in side.split(" AND "))
        for side in sides
    )


def opted_out(names: Sequence[str]) -> Rule:
    """Return the rule that the repositories and owners `names` are left out.

    A name is `owner/name`, `owner`, or the node id that survives renames.
    """
    refused = frozenset(name.lower() for name in names)

    def rule(parts: Parts) -> str | None:
        one = parts.example
        return "opted out" if is_named(refused, one.repository, one.repository_id) else None

    return rule


def is_named(names: Collection[str], name: str, node_id: str) -> bool:
    """Say whether `names`, in lower case, hold a repository or its owner."""
    name = name.lower()
    return any(one in names for one in (name, name.partition("/")[0], node_id.lower()))
