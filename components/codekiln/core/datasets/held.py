"""One writer at a time for a part of a data set: a second would only do the same work again.

Commits are safe without it; it is calls and hours that it saves.
"""

import contextlib
from collections.abc import Iterator

from codekiln.core.storage import lease
from codekiln.core.storage.lease import PACE, Lease, Pace
from codekiln.core.storage.objects import Objects, check_name, open_store

LEASES = "leases"


@contextlib.contextmanager
def writer(store: Objects, part: str, pace: Pace = PACE) -> Iterator[Lease]:
    """Hold `part` (`shard-3-of-8`) of the data set in `store` for a block.

    Waits for another holder that ends or has died; ServiceError if it lives on. `Lease.check`
    raises InputError when another has taken over.
    """
    check_name(part, store.uri)
    with lease.held(open_store(f"{store.uri}/{LEASES}/{part}"), pace) as held:
        yield held
