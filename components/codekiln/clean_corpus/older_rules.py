"""Indexes of older rules: of their rows none counts, for nothing stands that these rules left.

Where an older version of the cleaned data is restored, its index is made again from the data.
"""

import logging

from codekiln.clean_corpus import near_index
from codekiln.core.datasets import held
from codekiln.core.datasets.contents import VERSIONS
from codekiln.core.errors import ServiceError
from codekiln.core.storage import folders
from codekiln.core.storage.objects import open_store

logger = logging.getLogger(__name__)


def remove(near: str, rules: str) -> None:
    """Remove the indexes in the folders of `near` but that of `rules`; one that is held stays."""
    names = open_store(near).names()
    found = {folder for folder, slash, _ in (name.partition("/") for name in names) if slash}
    for other in sorted(found - {rules}):
        uri = f"{near}/{other}"
        try:
            with held.writer(open_store(uri), near_index.WRITER) as lease:
                # Killed in between, it leaves no version that lacks anything.
                folders.remove(uri, first=VERSIONS, but=held.LEASES)
                # A sign of life would come back after it was removed.
                lease.fall_silent()
                folders.remove(uri)
        except ServiceError as error:
            logger.warning("an index of older rules stays for now: %s", error)
        else:
            logger.info("%s is removed: it was of older rules", uri)
