"""Sets of packed tokens under CORPUS/tokens: which hold a repository, and their removal.

A set says of each of its documents whose it is. It is whole as long as it has its manifest, so that
goes first, after a note that the rest is to go too: a removal that was killed is taken up again.
"""

import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.core.corpus import layout
from codekiln.core.datasets.side_by_side import exhaust, side_by_side
from codekiln.core.errors import InputError
from codekiln.core.lineage.manifests import Node
from codekiln.core.storage.objects import MissingError, Objects, open_store
from codekiln.core.tokens.packed_info import MANIFEST, SPLITS, documents_name

PHASE = "pack_examples"
DOCUMENTS = frozenset(map(documents_name, SPLITS))
COLUMN = "repository_id"
"""In those tables: whose a document is."""
GOING = "going.json"
"""The note of a removal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSet:
    """One set: where it is, what made it, how many examples of the repository are in it."""

    store: Objects
    node: Node
    names: Sequence[str]
    documents: int
    is_whole: bool
    is_going: bool

    @property
    def holds_it(self) -> bool:
        """Say whether it is to go."""
        return self.documents > 0 or self.is_going


def token_sets(corpus: str, key: str) -> list[TokenSet]:
    """Return the sets under `corpus`; those without a manifest are being written, or were not."""
    uri = f"{corpus.rstrip('/')}/{layout.TOKENS}"
    by_folder: dict[str, list[str]] = {}
    for name in open_store(uri).names():
        folder, slash, rest = name.partition("/")
        if slash:
            by_folder.setdefault(folder, []).append(rest)
    return [_told(open_store(f"{uri}/{one}"), names, key) for one, names in by_folder.items()]


def _told(store: Objects, names: Sequence[str], key: str) -> TokenSet:
    return TokenSet(
        store=store,
        node=_node(store),
        names=names,
        documents=sum(_documents(store, one, key) for one in names if one in DOCUMENTS),
        is_whole=MANIFEST in names,
        is_going=GOING in names,
    )


def _node(store: Objects) -> Node:
    """Return the set as what its run wrote: the manifest of that run says what it was made from."""
    try:
        digest = str(json.loads(store.read(MANIFEST))["digest"])
    except (MissingError, ValueError, KeyError, TypeError):
        digest = ""
    return Node(place=store.uri, phase=PHASE, digest=digest)


def _documents(store: Objects, name: str, key: str) -> int:
    with tempfile.TemporaryDirectory(prefix="codekiln-forget-") as scratch:
        path = Path(scratch) / "documents.parquet"
        store.download(name, path)
        try:
            owners = pq.read_table(path, columns=[COLUMN])[COLUMN]
        except (pa.ArrowInvalid, OSError, KeyError) as error:
            raise InputError(
                f"{store.location(name)} does not say whose its documents are ({error}): remove "
                "the whole set of tokens, then run this again"
            ) from error
        return pc.sum(pc.equal(owners, key)).as_py() or 0


def remove(some: Iterable[TokenSet]) -> None:
    """Remove sets, each so that nobody takes what is left of it for whole."""
    for one in some:
        one.store.write(GOING, b"{}\n")
        one.store.delete(MANIFEST)
        rest = [name for name in one.names if name not in (GOING, MANIFEST)]
        exhaust(side_by_side(one.store.delete, rest))
        one.store.delete(GOING)
