"""Which pull requests are kept. Each rule is a function that names its reason to drop one, or None.

Some need only the list of pull requests (LISTING): what they drop costs nothing more. Those that
judge the changes themselves (CHANGES) come after git has told them.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from codekiln.collect_pulls.listing import Listed
from codekiln.core.corpus.pulls import ChangedFile

NOT_MERGED = "not merged"
BOT = "bot"
OTHER_BRANCH = "other base branch"
TOO_OLD = "too old"
LISTING = frozenset({NOT_MERGED, BOT, OTHER_BRANCH, TOO_OLD})
"""Reasons of the rules that need only the list; the cap counts what passes these."""

TOO_FEW_FILES = "too few kept files"
TOO_MANY_FILES = "too many kept files"
TOO_FEW_ADDITIONS = "too few additions"
TOO_MANY_ADDITIONS = "too many additions"

BOTS = frozenset(
    {
        "bors", "codecov-io", "dependabot-preview", "googlebot", "greenkeeper", "imgbot",
        "k8s-ci-robot", "openshift-bot", "openshift-cherrypick-robot", "pyup-bot",
        "renovate-bot", "snyk-bot", "web-flow",
    }
)  # fmt: skip
"""Machines that act through accounts of people, which GitHub calls users."""

BOT_ENDINGS = ("[bot]", "-bot", "-robot", "-automation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which pull requests are kept; `created_after` of None keeps the oldest too."""

    merged_only: bool = True
    bots: bool = False
    default_branch_only: bool = False
    max_age_days: int = 0
    min_files: int = 1
    max_files: int = 20
    min_additions: int = 10
    max_additions: int = 2000

    def digest(self) -> str:
        """Return what changes when a rule does, so that what it dropped is looked at again."""
        told = json.dumps(asdict(self), sort_keys=True).encode()
        return hashlib.sha256(told).hexdigest()[:16]


def of_listing(listed: Listed, rules: Rules, as_of: datetime) -> str | None:
    """Name the reason to drop `listed` at once, or None to look further."""
    if rules.merged_only and listed.merged_at is None:
        return NOT_MERGED
    if not rules.bots and is_bot(listed.author, listed.author_type):
        return BOT
    if rules.default_branch_only and listed.base_ref != listed.default_branch:
        return OTHER_BRANCH
    age = timedelta(days=rules.max_age_days)
    return TOO_OLD if age and listed.created_at < as_of - age else None


def is_bot(login: str, kind: str) -> bool:
    """Say whether an account is a machine's: GitHub's own word, or a name that only bots bear."""
    name = login.lower()
    return kind == "Bot" or name in BOTS or name.endswith(BOT_ENDINGS)


def of_changes(
    files: Sequence[ChangedFile], rules: Rules, is_kept: Callable[[str], bool]
) -> str | None:
    """Name the reason to drop a pull request for what it changes, or None to keep it."""
    kept = [file for file in files if is_kept(file.path)]
    additions = sum(file.additions for file in kept)
    if len(kept) < rules.min_files:
        return TOO_FEW_FILES
    if len(kept) > rules.max_files:
        return TOO_MANY_FILES
    if additions < rules.min_additions:
        return TOO_FEW_ADDITIONS
    return TOO_MANY_ADDITIONS if additions > rules.max_additions else None
