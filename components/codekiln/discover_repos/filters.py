"""Which repositories are left out of a search's results, and why; every reason is counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from codekiln.core.corpus.repositories import Repository

KIB_A_GIB = 1 << 20
FORGOTTEN = "forgotten"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a repository must be like, and which ones (by node id) are kept out all the same."""

    licenses: frozenset[str] | None
    """SPDX identifiers; None: any."""
    language: str
    """Empty: any."""
    min_stars: int
    max_size_gib: float
    active_since: datetime
    forgotten: frozenset[str] = frozenset()


def verdict(found: Repository, rules: Rules) -> str | None:
    """Name the reason to leave `found` out, or None to keep it."""
    checks = {
        FORGOTTEN: found.node_id in rules.forgotten,
        "fork": found.fork,
        "archived": found.archived,
        "other language": bool(rules.language) and not _same(found.language, rules.language),
        "too few stars": found.stars < rules.min_stars,
        "no license": rules.licenses is not None and not found.license,
        "other license": rules.licenses is not None and found.license not in rules.licenses,
        "too large": found.size_kib > rules.max_size_gib * KIB_A_GIB,
        "no push for long": found.pushed_at is None or found.pushed_at < rules.active_since,
    }
    return next((reason for reason, holds in checks.items() if holds), None)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """What became of the repositories that were found."""

    kept: list[Repository]
    left_out: Counter[str]


def sort_out(found: Iterable[Repository], rules: Rules, most: int) -> Sorted:
    """Keep at most `most` of the repositories that pass, those with the most stars."""
    left_out: Counter[str] = Counter()
    kept: list[Repository] = []
    for repository in sorted(found, key=lambda one: (-one.stars, one.name.lower())):
        reason = verdict(repository, rules) or ("beyond the cap" if len(kept) >= most else None)
        if reason:
            left_out[reason] += 1
        else:
            kept.append(repository)
    return Sorted(kept=kept, left_out=left_out)
