"""What is counted while pull requests become examples, and the figures that follow.

pull_requests = pull_requests_with_examples + pull_requests_without_REASON; the same of files
candidates    = examples + dropped_REASON
"""

from collections import Counter

SUMS = ("pull_requests", "files", "candidates", "examples")


def in_order(tally: Counter[str]) -> dict[str, int]:
    """Return what was counted, the sums first, then each part under its name."""
    return {name: tally[name] for name in SUMS} | dict(sorted(tally.items()))


def metrics(tally: Counter[str]) -> dict[str, float]:
    """Return the figures for the run page."""
    judged = tally["syntax_valid"] + tally["syntax_invalid"]
    return {
        "pull_requests": tally["pull_requests"],
        "pull_requests_with_examples": tally["pull_requests_with_examples"],
        "files": tally["files"],
        "candidates": tally["candidates"],
        "examples": tally["examples"],
        "examples_a_pull_request": round(tally["examples"] / max(tally["pull_requests"], 1), 3),
        "syntax_valid_share": round(tally["syntax_valid"] / max(judged, 1), 4),
        "syntax_unknown": tally["syntax_unknown"],
    }
