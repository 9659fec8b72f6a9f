"""What became of examples, in numbers: `examples = kept + dropped_*` holds in each tally."""

import re
from collections import Counter
from collections.abc import Mapping

Tally = Counter[str]
"""Counts by name: examples, kept, dropped_REASON and masked_KIND (findings, not examples)."""


def dropped(reason: str) -> str:
    """Return the name of the count of those dropped for `reason`."""
    return _name(f"dropped_{reason}")


def masked(kinds: Mapping[str, int]) -> Tally:
    """Return what was masked, by kind, as a tally."""
    return Counter({_name(f"masked_{kind}"): many for kind, many in kinds.items()})


def in_order(tally: Mapping[str, int]) -> dict[str, int]:
    """Return the counts, the sums first."""
    sums = {name: tally.get(name, 0) for name in ("examples", "kept")}
    return sums | dict(sorted(tally.items()))


def _name(told: str) -> str:
    return re.sub(r"[ -]", "_", told).lower()
