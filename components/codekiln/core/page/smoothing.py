"""The smooth line through a noisy curve, the same on every page and chart."""

from collections.abc import Sequence

SMOOTHED_SHARE = 20
"""The smooth line is a mean over about one in so many of all points, so that it hardly lags."""


def smoothed(values: Sequence[float]) -> list[float]:
    """Return the exponential mean of `values`, free of the pull towards the first."""
    kept = max(0.0, 1 - SMOOTHED_SHARE / max(1, len(values)))
    mean, weight, means = 0.0, 0.0, []
    for value in values:
        mean = kept * mean + (1 - kept) * value
        weight = kept * weight + 1 - kept
        means.append(mean / weight)
    return means
