"""Objects in an S3-compatible store, over obstore (the Rust client object_store)."""

import contextlib
import hashlib
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from codekiln.core import digest
from codekiln.core.storage import faults, parts, unfinished
from codekiln.core.storage.aws import MIB, Account
from codekiln.core.storage.client import client
from codekiln.core.storage.faults import BrokenError
from codekiln.core.storage.local import whole
from codekiln.core.storage.objects import ConflictError, DamagedError, MissingError, check_name

if TYPE_CHECKING:
    from obstore import GetResult

Found = TypeVar("Found")

SHA256 = "sha256"
"""Metadata of each object we write: the digest of all its bytes, for whoever reads it."""
WRITER = "writer"
"""Metadata of each object we create: tells our own write from that of another."""

RANGE_BYTES = 16 * MIB
"""Of a download; what is not larger comes in one piece."""
RANGES = 8
"""Ranges in flight."""
PIECE_BYTES = MIB // 16
"""Pieces of a range, about as they are received: larger ones are first copied into fresh memory."""
MOST_PARTS = 10_000
"""Of one upload, on every S3 store."""
READS = 3
"""Times that bytes are fetched before they are called damaged."""


class S3:
    """A prefix of a bucket as a store."""

    def __init__(self, scheme: str, bucket: str, prefix: str, account: Account) -> None:
        """Use what lies under `prefix` (empty: all of it) of `bucket`; nothing is sent yet."""
        self.bucket, self.prefix, self.account = bucket, prefix, account
        self.uri = f"{scheme}://{bucket}/{prefix}".rstrip("/")
        self._store = client(bucket, prefix, account)
        # One large object at a time moves in many pieces; more at once would only take memory.
        self._large = threading.Lock()

    def __repr__(self) -> str:
        """Say where this is."""
        return f"S3({self.uri!r} at {self.account.place})"

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names under `prefix`, sorted."""
        # The client lists folders; a prefix may end within a name.
        folder = prefix.rpartition("/")[0] or None
        found = again(lambda: self._listed(folder))
        yield from sorted(name for name in found if name.startswith(prefix))

    def _listed(self, folder: str | None) -> list[str]:
        with self._told(folder or ""):
            pages = obstore.list(self._store, folder, chunk_size=1000)
            return [entry["path"] for page in pages for entry in page]

    def size(self, name: str) -> int:
        """Return the number of bytes of `name`."""
        with self._told(name):
            return self._head(self._checked(name)).meta["size"]

    def read(self, name: str) -> bytes:
        """Return the bytes of `name`."""
        return again(lambda: self._read(self._checked(name)))

    def _read(self, name: str) -> bytes:
        with self._told(name):
            found = obstore.get(self._store, name)
            data = bytes(found.bytes())
        if found.attributes.get(SHA256) not in (None, _sha256(data)):
            raise self._damaged(name)
        return data

    def read_range(self, name: str, start: int, stop: int) -> bytes:
        """Return the bytes of `name` from `start` up to `stop`."""
        stop = min(stop, self.size(name))
        if start >= stop:
            return b""
        with self._told(name):
            return bytes(obstore.get_range(self._store, name, start=start, end=stop))

    def write(self, name: str, data: bytes, *, create: bool = False) -> None:
        """Write `data` under `name`; ConflictError as in Objects."""
        attributes = {SHA256: _sha256(data)}
        with self._told(name):
            if create:
                self._create(self._checked(name), data, attributes)
            else:
                path = self._checked(name)
                obstore.put(self._store, path, data, attributes=attributes, use_multipart=False)

    def _create(self, name: str, data: bytes, attributes: dict[str, str]) -> None:
        # An answer may get lost after the object was made. The client then asks again, and is told
        # that there is one: ours, which its metadata tell.
        ours = secrets.token_hex(16)
        attributes = {**attributes, WRITER: ours}
        try:
            obstore.put(self._store, name, data, attributes=attributes, mode="create")
        except (AlreadyExistsError, PreconditionError) as error:
            if faults.was_tried_once(error) or self._attribute(name, WRITER) != ours:
                raise ConflictError(f"{self.location(name)} is there already") from error
        except BaseError:
            if self._attribute(name, WRITER) != ours:
                raise

    def _attribute(self, name: str, key: str) -> str | None:
        """Return what the metadata of `name` say; None too where it cannot be asked."""
        try:
            found = obstore.get(self._store, name, options={"head": True})
        except (BaseError, FileNotFoundError):
            return None
        return found.attributes.get(key)

    def upload(self, name: str, path: Path, *, sha256: str | None = None) -> None:
        """Write the file `path` under `name`, in parts."""
        told = sha256 or digest.of_file(path)
        large = path.stat().st_size > RANGE_BYTES
        with self._large if large else contextlib.nullcontext():
            again(lambda: self._put(self._checked(name), path, told))

    def _put(self, name: str, path: Path, told: str) -> None:
        size = path.stat().st_size
        part = max(self.account.part_bytes, -(-size // MOST_PARTS))
        with self._told(name):
            try:
                obstore.put(
                    self._store,
                    name,
                    parts.blocks(path, size, part) if size > part else path,
                    attributes={SHA256: told},
                    use_multipart=size > part,
                    chunk_size=part,
                    max_concurrency=self.account.concurrency,
                )
            except (BaseError, FileNotFoundError):
                # The answer to "complete" may get lost; asked again, the store knows of no upload.
                if self._attribute(name, SHA256) != told:
                    raise

    def download(self, name: str, path: Path) -> None:
        """Write `name` into the file `path`, by ranges, and check it against its digest."""
        again(lambda: self._get(self._checked(name), path))

    def _get(self, name: str, path: Path) -> None:
        with whole(path, durable=False) as partial:
            self._fetch(name, partial)

    def _fetch(self, name: str, path: Path) -> None:
        with self._told(name):
            found = obstore.get(self._store, name)
        size, told = found.meta["size"], found.attributes.get(SHA256)
        large = size > RANGE_BYTES
        seen = hashlib.sha256()
        with (
            path.open("w+b", buffering=0) as file,
            self._large if large else contextlib.nullcontext(),
        ):
            for stop in self._ranges(name, found, file.fileno()):
                _digest_up_to(stop, file, seen)
        if told not in (None, seen.hexdigest()):
            raise self._damaged(name)

    def _ranges(self, name: str, found: "GetResult", file: int) -> Iterator[int]:
        """Write `found` into `file`, several ranges at a time; yield where each ends, in order."""
        size = found.meta["size"]

        def fetch(start: int) -> int:
            stop = min(start + RANGE_BYTES, size)
            with self._told(name):
                # The first range is what came with the answer that told the size.
                whole = self._range(name, start, stop, found) if start else found
                _write_at(file, whole.stream(PIECE_BYTES), start, stop)
            return stop

        if size <= RANGE_BYTES:
            yield fetch(0)
            return
        with ThreadPoolExecutor(RANGES) as pool:
            yield from pool.map(fetch, range(0, size, RANGE_BYTES))

    def _range(self, name: str, start: int, stop: int, whole: "GetResult") -> "GetResult":
        """Open one range of the very object that `whole` is."""
        found = obstore.get(self._store, name, options={"range": (start, stop)})
        if found.meta["e_tag"] != whole.meta["e_tag"]:
            # Not If-Match: stores differ in whether they want the tag with its quotes.
            raise self._damaged(name)
        return found

    def delete(self, name: str) -> None:
        """Remove `name`; nothing happens if there is none."""
        with contextlib.suppress(MissingError), self._told(name):
            obstore.delete(self._store, self._checked(name))

    def drop_unfinished(self) -> None:
        """Abort uploads in parts that never ended: they cost like objects, and no listing shows."""
        unfinished.abort(self.bucket, f"{self.prefix}/" if self.prefix else "", self.account)

    def location(self, name: str) -> str:
        """Return the URI of `name`."""
        return f"{self.uri}/{name}"

    def _head(self, name: str) -> "GetResult":
        try:
            return obstore.get(self._store, name, options={"head": True})
        except (BaseError, FileNotFoundError):
            # The answer to a HEAD has no body, and so no reason; that to a GET has.
            return obstore.get(self._store, name)

    def _checked(self, name: str) -> str:
        check_name(name, self.uri)
        return name

    def _damaged(self, name: str) -> DamagedError:
        return DamagedError(
            f"{self.location(name)} is damaged: its bytes are not those that were written; remove "
            "it and write it again"
        )

    @contextlib.contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Turn what the client raises into an error for the user."""
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            where = faults.Where(
                place=self.account.place, bucket=self.bucket, uri=self.location(name).rstrip("/")
            )
            raise faults.of(error, where) from error


def again(action: Callable[[], Found]) -> Found:
    """Do what may break or bring wrong bytes, until it does neither; READS times at most."""
    for _ in range(READS - 1):
        with contextlib.suppress(DamagedError, BrokenError):
            return action()
    return action()


def _write_at(file: int, pieces: Iterable[bytes], start: int, stop: int) -> None:
    """Write `pieces` from `start` up to `stop` of `file`; BrokenError if they end before."""
    for piece in pieces:
        left = memoryview(piece)[: stop - start]
        while left:
            written = os.pwrite(file, left, start)
            left, start = left[written:], start + written
        if start == stop:
            return
    if start < stop:
        raise BrokenError("an object ended before its end; try again")


def _digest_up_to(stop: int, file: IO[bytes], seen: "hashlib._Hash") -> None:
    """Add to `seen` what `file` holds from where it stands up to `stop`."""
    while (left := stop - file.tell()) > 0:
        seen.update(file.read(min(left, PIECE_BYTES)))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
