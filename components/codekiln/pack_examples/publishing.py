"""Tokens in a store: under the digest of what they were made from, whole or not there at all.

One at a time publishes tokens in a corpus, or removes some: a set that is written while it is
removed would have a manifest, and lack files that it names.
"""

import contextlib
import dataclasses
import json
import logging
from collections.abc import Callable
from pathlib import Path

from codekiln.core.corpus import layout
from codekiln.core.datasets import held
from codekiln.core.manifest import write_json
from codekiln.core.storage.lease import Lease, Pace
from codekiln.core.storage.objects import ConflictError, MissingError, Objects, open_store
from codekiln.core.storage.side_by_side import exhaust, side_by_side
from codekiln.core.tokens import packed
from codekiln.core.tokens.packed_info import (
    INFO,
    LOCATION,
    MANIFEST,
    PackedInfo,
    file_of,
)

logger = logging.getLogger(__name__)

AT_ONCE = 4
"""Files under way at a time; the small ones cost a round trip each."""
PACE = Pace(patience_s=3600.0)
"""Runs take turns, each for as long as it copies billions of tokens."""


def place_of(corpus: str, told: str) -> str:
    """Return the URI of the tokens with this digest."""
    return f"{corpus.rstrip('/')}/{layout.TOKENS}/{told}"


def turn(corpus: str) -> contextlib.AbstractContextManager[Lease]:
    """Be the only one who publishes tokens in `corpus`, or removes some, for a block."""
    return held.writer(open_store(corpus.rstrip("/")), layout.TOKENS_WRITER, PACE)


def whole(store: Objects, told: str) -> PackedInfo | None:
    """Return what the tokens in `store` are, if they are those and no file lacks a byte.

    Sizes alone are looked at: whoever reads the files holds their digests against tokens.json.
    Damaged ones are no longer told to be whole, so that they are written anew. Raises InputError
    if `store` holds other tokens.
    """
    info = packed.published(store, told)
    wrong = damaged(store, info) if info else []
    if not wrong:
        return info
    logger.warning("%s is damaged: made again", store.location(wrong[0]))
    store.delete(MANIFEST)
    return None


def damaged(store: Objects, info: PackedInfo) -> list[str]:
    """Return the files of `info` that `store` lacks, or has in another size."""

    def size(name: str) -> int | None:
        try:
            return store.size(name)
        except MissingError:
            return None

    sizes = dict(zip(info.files, side_by_side(size, info.files, AT_ONCE), strict=True))
    return [name for name, file in info.files.items() if sizes[name] != file.bytes]


def publish(store: Objects, folder: Path, info: PackedInfo, sure: Callable[[], None]) -> None:
    """Copy the files of `folder` into `store`; what makes them whole comes last.

    Right before that `sure` is called, and raises if it is no longer this run's turn. The same
    digest is the same bytes, so what a killed run left is written over.
    """
    files = {**info.files, INFO: file_of(folder / INFO)}

    def send(name: str) -> None:
        store.upload(name, folder / name, sha256=files[name].sha256)

    exhaust(side_by_side(send, files, AT_ONCE))
    told = {
        "digest": info.digest,
        "files": {name: dataclasses.asdict(file) for name, file in sorted(files.items())},
    }
    sure()
    with contextlib.suppress(ConflictError):
        store.write(MANIFEST, json.dumps(told, indent=2).encode(), create=True)


def hand_on(folder: Path, uri: str, info: PackedInfo) -> None:
    """Write into `folder` what the tokens at `uri` are, and where."""
    (folder / INFO).write_bytes(info.to_json())
    write_json(folder / LOCATION, {"tokens": uri, "digest": info.digest})
