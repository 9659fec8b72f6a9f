"""Finds the repositories of a run: by search, as far down as need be, or from the user's list."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from codekiln.core.corpus import licenses
from codekiln.core.corpus.repositories import Repository
from codekiln.core.datasets import forgotten
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.github.answers import Reply
from codekiln.core.github.batches import BatchSize, halving
from codekiln.core.github.client import GitHub
from codekiln.discover_repos import kept, lookup, names, search
from codekiln.discover_repos.bands import Band
from codekiln.discover_repos.filters import FORGOTTEN, Rules, Sorted, sort_out
from codekiln.discover_repos.kept import Kept
from codekiln.discover_repos.search import Answer, Walk
from codekiln.discover_repos.settings import Settings

logger = logging.getLogger(__name__)

COMMIT_EVERY_S = 60.0
"""How much searching a killed run may lose."""

Show = Callable[[int], None]
"""Called with how many repositories are kept so far."""


@dataclass
class Discovery:
    """The repositories of one run, and what became of the others."""

    settings: Settings
    github: GitHub
    dataset: Dataset
    as_of: datetime
    show: Show = lambda _: None
    counts: Counter[str] = field(default_factory=Counter)

    async def found(self) -> list[Repository]:
        """Return the repositories to collect from, and count all others."""
        named = self.settings.repositories.strip()
        return await (self._listed(named) if named else self._searched())

    @property
    def rules(self) -> Rules:
        """Return what repositories must be like."""
        told = self.settings
        return Rules(
            licenses=licenses.accepted(told.licenses),
            language=told.language,
            min_stars=told.min_stars,
            max_size_gib=told.max_size_gib,
            active_since=self.as_of - timedelta(days=told.active_within_days),
            forgotten=self.forgotten,
        )

    @cached_property
    def forgotten(self) -> frozenset[str]:
        """Return the node ids of the repositories that the data set keeps out."""
        head = self.dataset.head()
        return forgotten.keys(head.state) if head else frozenset()

    def _count(self, found: int, outcome: Sorted) -> list[Repository]:
        self.counts["found"] = found
        for reason, count in sorted(outcome.left_out.items()):
            self.counts[f"left_out_{reason.replace(' ', '_')}"] = count
        return outcome.kept

    # --- from a list ---

    async def _listed(self, told: str) -> list[Repository]:
        named = await asyncio.to_thread(names.read, told)
        found = lookup.Found()

        async def ask(query: str) -> Reply:
            return await self.github.graphql(query, {})

        async def batch(asked: Sequence[str]) -> None:
            await lookup.look_up(ask, asked, found)
            self.show(len(found.repositories))

        async for _ in halving(batch, named.names, BatchSize(lookup.BATCH)):
            pass
        for name in found.gone:
            logger.warning("%s is not there, or the token may not see it: left out", name)
        self.counts += Counter(named_twice=named.doubled + found.doubled, gone=len(found.gone))
        return self._count(len(found.repositories), self._chosen(found.repositories))

    def _chosen(self, found: Mapping[str, Repository]) -> Sorted:
        """Keep a list as it is, or, if that is asked for, hold it against the limits.

        What was forgotten is left out of either.
        """
        if self.settings.filter_list:
            return sort_out(found.values(), self.rules, most=len(found))
        left = [one for one in found.values() if one.node_id not in self.forgotten]
        return Sorted(kept=left, left_out=+Counter({FORGOTTEN: len(found) - len(left)}))

    # --- by search ---

    async def _searched(self) -> list[Repository]:
        rules, most = self.rules, self.settings.max_repositories
        words = search_words(self.settings.language)
        earlier = await asyncio.to_thread(kept.read, self.dataset, words)
        usable = earlier is not None and self._is_fresh(earlier)
        known = earlier if earlier is not None and usable else Kept(self.as_of, {})
        if known.answers:
            logger.info("%d bands were answered as of %s", len(known.answers), known.as_of)
        walk = Walk(self._ask, words, self.as_of.date(), known.answers)
        book = Book(self.dataset, words, self.settings.run, known)
        found: dict[str, Repository] = {}
        outcome = Sorted(kept=[], left_out=Counter())
        async for band, answer in walk.answers(Band(self.settings.min_stars)):
            await book.add(str(band), self._without_forgotten(answer))
            found |= {one.node_id: one for one in answer.found or ()}
            outcome = sort_out(found.values(), rules, most)
            self.show(len(outcome.kept))
            if len(outcome.kept) >= most:
                break
        await book.close()
        return self._count(len(found), outcome)

    def _without_forgotten(self, answer: Answer) -> Answer:
        """Return `answer` as it may be kept."""
        if answer.found is None:
            return answer
        left = tuple(one for one in answer.found if one.node_id not in self.forgotten)
        return Answer(answer.total, left)

    def _is_fresh(self, earlier: Kept) -> bool:
        return abs(self.as_of - earlier.as_of) <= timedelta(days=self.settings.refresh_days)

    async def _ask(self, parameters: Mapping[str, str | int]) -> Mapping[str, Any]:
        answer = await self.github.get(search.PATH, parameters)
        told: Mapping[str, Any] = answer.body
        return told


def search_words(language: str) -> str:
    """Return what a search asks for, whatever the band: forks and archives it leaves out itself."""
    quoted = f'language:"{language}"' if " " in language else f"language:{language}"
    return " ".join([*([quoted] if language else []), "archived:false", "fork:false"])


class Book:
    """Keeps what a search was told, now and then and at the end."""

    def __init__(self, dataset: Dataset, words: str, run: str, known: Kept) -> None:
        self.dataset = dataset
        self.words = words
        self.run = run
        self.known = known
        self.fresh: dict[str, Answer] = {}
        self.since = asyncio.get_running_loop().time()

    async def add(self, band: str, answer: Answer) -> None:
        """Note the answer to a band."""
        if band in self.known.answers:
            return
        self.fresh[band] = answer
        if asyncio.get_running_loop().time() - self.since >= COMMIT_EVERY_S:
            await self.close()

    async def close(self) -> None:
        """Keep what is not kept yet."""
        if self.fresh:
            new = Kept(self.known.as_of, self.fresh)
            await asyncio.to_thread(kept.keep, self.dataset, self.words, new, self.run)
        self.fresh = {}
        self.since = asyncio.get_running_loop().time()
