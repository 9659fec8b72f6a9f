"""Sets of packed tokens under CORPUS/tokens: which hold a repository, and their removal.

A set says of each of its documents whose it is. It is whole as long as it has its manifest, so that
goes first, after a note that the rest is to go too: a removal that was killed is taken up again.
Nobody publishes a set meanwhile, so one that is not whole is what a killed run left: it goes with
those that hold the repository, for it may not say yet whose its documents are. One that says it no
more, for a file of them is gone, is taken for one whose removal had begun.
"""

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from codekiln.core.corpus import layout
from codekiln.core.datasets import held
from codekiln.core.errors import InputError
from codekiln.core.lineage.manifests import Node
from codekiln.core.scratch import run_folder
from codekiln.core.storage.objects import MissingError, Objects, open_store
from codekiln.core.storage.side_by_side import exhaust, side_by_side
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
    names: frozenset[str]
    documents: int
    is_whole: bool
    is_going: bool

    @property
    def holds_it(self) -> bool:
        """Say whether the repository is in it, or was until its removal began."""
        return self.documents > 0 or self.is_going

    @property
    def may_hold_it(self) -> bool:
        """Say whether it is to go once nobody publishes."""
        return self.holds_it or not self.is_whole


def alone(corpus: str) -> contextlib.AbstractContextManager[object]:
    """Let nobody publish tokens in `corpus` for a block; ServiceError if one does and goes on."""
    return held.writer(open_store(corpus.rstrip("/")), layout.TOKENS_WRITER)


def token_sets(corpus: str, key: str) -> list[TokenSet]:
    """Return the sets under `corpus`; those without a manifest are being written, or were not."""
    uri = f"{corpus.rstrip('/')}/{layout.TOKENS}"
    by_folder: dict[str, list[str]] = {}
    for name in open_store(uri).names():
        folder, slash, rest = name.partition("/")
        if slash:
            by_folder.setdefault(folder, []).append(rest)
    return [
        _told(open_store(f"{uri}/{one}"), frozenset(names), key) for one, names in by_folder.items()
    ]


def _told(store: Objects, names: frozenset[str], key: str) -> TokenSet:
    digest, files = _manifest(store)
    return TokenSet(
        store=store,
        # What it was made from says the manifest of the run that wrote it.
        node=Node(place=store.uri, phase=PHASE, digest=digest),
        names=names,
        documents=sum(_documents(store, one, key) for one in names if one in DOCUMENTS),
        is_whole=MANIFEST in names,
        is_going=GOING in names or (MANIFEST in names and not names >= files & DOCUMENTS),
    )


def _manifest(store: Objects) -> tuple[str, frozenset[str]]:
    """Return the digest of the set and its files; "" and none where no manifest can be read."""
    try:
        told = json.loads(store.read(MANIFEST))
        return str(told["digest"]), frozenset(told["files"])
    except (MissingError, ValueError, KeyError, TypeError):
        return "", frozenset()


def _documents(store: Objects, name: str, key: str) -> int:
    with run_folder("codekiln-forget-") as scratch:
        path = scratch / "documents.parquet"
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
        rest = sorted(one.names - {GOING, MANIFEST})
        exhaust(side_by_side(one.store.delete, rest))
        one.store.delete(GOING)
