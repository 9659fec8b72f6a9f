"""What is left of the budgets, in one line for a progress note. Pure."""

from collections.abc import Sequence

from codekiln.core.github.budget import SPOKEN, Bucket
from codekiln.core.github.purse import Purse
from codekiln.core.github.waits import in_words


def outlook(purses: Sequence[Purse], now: float) -> str:
    """Say what all `purses` together have left at `now`, and what they wait for."""
    told = [_budget(name, [one.buckets[name] for one in purses], now) for name in SPOKEN]
    paused = [one.paused_until - now for one in purses if one.paused_until > now]
    if len(paused) == len(purses):
        told.append(f"paused for {in_words(min(paused))} (secondary limit)")
    return "; ".join(line for line in told if line) or "nothing asked of GitHub yet"


def _budget(name: str, buckets: Sequence[Bucket], now: float) -> str:
    blocked = [one.blocked_until - now for one in buckets if one.blocked_until > now]
    if len(blocked) == len(buckets):
        return f"{SPOKEN[name]} spent, resets in {in_words(min(blocked))}"
    known = [one for one in buckets if one.told is not None and one.ends > now]
    if not known:
        return ""
    left = sum(max(0, one.told.remaining - one.promised) for one in known if one.told)
    limit = sum(one.told.limit for one in known if one.told)
    resets = in_words(min(one.ends for one in known) - now)
    return f"{SPOKEN[name]} {left:,} of {limit:,} left, resets in {resets}"
