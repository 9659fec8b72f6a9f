"""Which versions stay: those with a name, and the newest; a long run leaves hundreds of others."""

import logging

from codekiln.core.datasets.dataset import Dataset, Version
from codekiln.core.errors import ServiceError

logger = logging.getLogger(__name__)


def keep_newest(dataset: Dataset, version: Version, keep: int) -> Version:
    """Prune `dataset`, and return the newest version that is equal to `version`.

    A prune leaves a version of its own on top. One that another prune hinders is left for the next
    run: nothing but space depends on it.
    """
    try:
        pruned = dataset.prune(keep)
    except ServiceError as error:
        logger.warning("old versions stay for now: %s", error)
        return version
    if pruned.versions:
        logger.info("%d old versions removed, %d are left", pruned.versions, pruned.kept)
    head = dataset.head()
    return head if head and head.entries == version.entries else version
