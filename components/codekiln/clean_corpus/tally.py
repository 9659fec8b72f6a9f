"""What became of examples, in numbers: `examples = kept + dropped_*` holds in each tally."""

import re
from collections import Counter
from collections.abc import Mapping

from codekiln.core.errors import InputError

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


def refuse_nothing(tally: Mapping[str, int]) -> None:
    """Raise InputError if there were examples and none of them stays, with the reasons."""
    if tally["kept"] or not tally["examples"]:
        return
    reasons = {name: many for name, many in tally.items() if name.startswith("dropped_")}
    most = sorted(reasons, key=lambda name: (-reasons[name], name))
    told = (f"{reasons[one]:,} {one.removeprefix('dropped_').replace('_', ' ')}" for one in most)
    raise InputError(
        f"none of {tally['examples']:,} examples stays: {', '.join(told)}; give other licenses, "
        "or other rules (see --help of clean_corpus)"
    )


def _name(told: str) -> str:
    return re.sub(r"[ -]", "_", told).lower()
