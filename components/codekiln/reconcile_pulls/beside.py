"""What is kept beside the data: ledgers for people who have no run page, and what was proven.

ledgers/newest.html, newest.json    of the last run, whatever came of it
ledgers/NAME.html, NAME.json        of the run that gave a version its name; never changed
ledgers/proven.json                 digests of the entries whose rows were read and are right
"""

import contextlib
import json
from collections.abc import Iterable

from codekiln.core.errors import CodekilnError
from codekiln.core.storage.objects import ConflictError, Objects
from codekiln.reconcile_pulls.accounts import Account

FOLDER = "ledgers"
NEWEST = "newest"
PAGE = f"{FOLDER}/{NEWEST}.html"
PROVEN = f"{FOLDER}/proven.json"


def keep(store: Objects, name: str, html: str, document: str) -> None:
    """Keep a ledger as the newest, and, if its version has a `name`, under that."""
    for end, text in ((".html", html), (".json", document)):
        store.write(f"{FOLDER}/{NEWEST}{end}", text.encode())
        if name:
            with contextlib.suppress(ConflictError):
                store.write(f"{FOLDER}/{name}{end}", text.encode(), create=True)


def proven(store: Objects) -> frozenset[str]:
    """Return the digests of the entries whose rows were read and right; none if nobody knows."""
    try:
        return frozenset(map(str, json.loads(store.read(PROVEN))))
    except (CodekilnError, ValueError, TypeError):
        return frozenset()


def remember(store: Objects, right: Iterable[Account]) -> None:
    """Remember that the entries of these accounts are proven, and no others."""
    digests = sorted({account.digest for account in right if account.digest})
    if frozenset(digests) != proven(store):
        store.write(PROVEN, json.dumps(digests).encode())
