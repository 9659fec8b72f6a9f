"""What the collection of a repository needs from outside, as its parts see it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from codekiln.collect_pulls.details import Found
from codekiln.collect_pulls.filters import Rules
from codekiln.collect_pulls.ledger import Known
from codekiln.collect_pulls.listing import Listed
from codekiln.collect_pulls.pool import Pool
from codekiln.collect_pulls.step import Step
from codekiln.core.corpus.pulls import Changes
from codekiln.core.github.batches import BatchSize
from codekiln.core.github.client import GitHub


class Mirror(Protocol):
    """The git repository of one GitHub repository."""

    async def changes(self, wanted: Sequence[Listed]) -> Mapping[int, Changes | str]:
        """Return what git tells of each of `wanted`, by number, or why it tells nothing."""


class Git(Protocol):
    """Where git repositories come from."""

    def opened(self, name: str) -> AbstractAsyncContextManager[Mirror]:
        """Give the repository owner/name; nothing is fetched before it is asked for."""

    def is_kept(self, path: str) -> bool:
        """Say whether files of this path are collected with their contents."""


class Store(Protocol):
    """Where what is collected goes."""

    async def put(self, step: Step) -> None:
        """Take `step`, which will be committed soon; waits while too much is on its way."""

    async def known(self, key: str, numbers: Sequence[int]) -> Mapping[int, Known]:
        """Return what the ledger of the repository `key` held of `numbers` before this run."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run wants of each repository."""

    rules: Rules
    as_of: datetime
    cap: int
    """Newest pull requests that pass the first filters; 0: all."""
    overlap: timedelta


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Everything outside that a run works with."""

    github: GitHub
    git: Git
    store: Store
    scratch: Path
    details: Pool[Found]
    looks: BatchSize = field(default_factory=BatchSize)
