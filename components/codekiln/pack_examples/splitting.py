"""Which repositories are kept from training, so that a model is measured on what it never saw."""

import hashlib
import logging
from collections.abc import Collection

from codekiln.core.errors import InputError

logger = logging.getLogger(__name__)


def place(repository: str) -> float:
    """Return where the repository with this node id stands between 0 and 1, for ever."""
    told = hashlib.sha256(f"codekiln split {repository}".encode()).digest()
    return int.from_bytes(told[:8], "big") / 2**64


def held_out(repositories: Collection[str], share: float) -> frozenset[str]:
    """Return those of `repositories`, node ids, that are for validation.

    They are those that stand below `share`, so none changes sides when others come. Where that
    leaves a side empty, the lowest goes to validation or the highest to training; that one may
    change sides later. Raises InputError where there are not two to choose from.
    """
    if not share:
        return frozenset()
    if len(repositories) < 2:
        raise InputError(
            f"examples of {len(repositories)} repository leave nothing to validate on: collect "
            "more repositories, or set validation_share to 0"
        )
    ordered = sorted(repositories, key=lambda one: (place(one), one))
    below = sum(place(one) < share for one in ordered)
    many = min(max(below, 1), len(ordered) - 1)
    if many != below:
        logger.warning(
            "%d repositories are few: the share of validation holds %d of them, %d is taken, which "
            "may change sides when others come",
            len(ordered), below, many,
        )  # fmt: skip
    return frozenset(ordered[:many])
