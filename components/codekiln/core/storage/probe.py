"""Does this store create an object once only? Asked before anything relies on it.

The header is If-None-Match: *. Some stores ignore it (rclone's server), some check it and write in
two steps (OpenStack Swift, SeaweedFS before 4.18): two runs then both hold what one may hold.
"""

import contextlib
import logging
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from codekiln.core.errors import InputError
from codekiln.core.storage.objects import ConflictError, Objects

logger = logging.getLogger(__name__)

WRITERS = 16
ROUNDS = 10
FOLDER = "probe"

_trusted: set[str] = set()
_asking = threading.Lock()


def refuse_racy(store: Objects) -> None:
    """Raise InputError unless `store` lets one of many writers create an object, each time.

    Asked once per bucket and process: 160 small requests, a second or two.
    """
    parts = urlsplit(store.uri)
    asked = f"{parts.scheme}://{parts.netloc}" if parts.netloc else store.uri
    with _asking:
        if asked in _trusted:
            return
        for number in range(1, ROUNDS + 1):
            winners = race(store)
            if winners != 1:
                raise InputError(
                    f"{store.uri}: {winners} of {WRITERS} writers created the same object (round "
                    f"{number}); this store ignores If-None-Match or is not atomic (OpenStack "
                    "Swift, rclone, SeaweedFS before 4.18 are so): use another, or a newer one"
                )
        _trusted.add(asked)


def race(store: Objects) -> int:
    """Let all writers create one object at one moment; return how many are told that they did."""
    name = f"{FOLDER}/{secrets.token_hex(8)}"
    start = threading.Barrier(WRITERS)

    def create(number: int) -> bool:
        start.wait()
        try:
            store.write(name, b"%d" % number, create=True)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        try:
            return sum(pool.map(create, range(WRITERS)))
        finally:
            with contextlib.suppress(InputError):
                store.delete(name)
