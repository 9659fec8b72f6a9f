"""Writing steps into the data set: many together, at most so often, each whole.

A commit is a new version of the whole data set, so steps wait for each other: a while, or until
they hold much text. A run that is stopped loses those that wait unless it calls `flush`.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from codekiln.collect_pulls import ledger, state
from codekiln.collect_pulls.ledger import COLUMNS, Known
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.step import Step
from codekiln.collect_pulls.written import Written
from codekiln.core.corpus import pulls
from codekiln.core.datasets import forgotten, tables
from codekiln.core.datasets.contents import LostError
from codekiln.core.datasets.dataset import Dataset, Entry, Version
from codekiln.core.errors import CodekilnError

PULLS, LEDGER = "pulls", "ledger"
PULLS_BUCKET = 500
"""Numbers in one shard: tens of MB at most, and a nightly run rewrites few."""
LEDGER_BUCKET = 50_000
"""Rows of the ledger are small."""

LARGEST_GROUP = 64 << 20
"""Bytes of text that wait at most, so that memory does not grow with the speed of GitHub."""


class StoreError(CodekilnError):
    """The data set could not be read or written: no repository's fault, so the run ends."""

    def __init__(self, cause: CodekilnError) -> None:
        super().__init__(str(cause))
        self.exit_code = cause.exit_code


class Store:
    """The data set as the one place where steps go; all of it on one event loop."""

    def __init__(self, dataset: Dataset, run: str, every_s: float) -> None:
        """Commit at most once in `every_s` seconds; 0 commits each step by itself."""
        self._dataset, self._run, self._every_s = dataset, run, every_s
        self._waiting: list[Step] = []
        self._bytes = 0
        self._since: float | None = None
        self._commit = asyncio.Lock()
        self.version: Version | None = dataset.head()
        """The newest version that this run knows."""
        self._before: dict[str, Entry] = {}
        self.came: Callable[[Step], None] = lambda _step: None
        """Called with each step that was taken."""

    @property
    def forgotten(self) -> frozenset[str]:
        """Return the node ids of the repositories that are kept out for good."""
        return forgotten.keys(self.version.state) if self.version else frozenset()

    async def begin(self) -> Version:
        """Return a first version, of a data set that holds nothing yet."""
        self.version = await asyncio.to_thread(self._dataset.commit, {}, run=self._run)
        return self.version

    async def load(self, keys: Iterable[str]) -> None:
        """Read the entries of `keys`, as they are before this run."""
        self._before = await asyncio.to_thread(self._entries, list(keys))

    def held(self, key: str) -> State:
        """Return the state of the repository `key` before this run."""
        entry = self._before.get(key)
        return state.from_json(entry.state if entry else {})

    async def states(self, keys: Iterable[str]) -> list[State]:
        """Return the states of the repositories `keys` that the newest version has."""
        await self.load(keys)
        return [state.from_json(entry.state) for entry in self._before.values()]

    async def known(self, key: str, numbers: Sequence[int]) -> Mapping[int, Known]:
        """Return what the ledger of the repository `key` held of `numbers` before this run.

        Raises StoreError. What was pruned meanwhile is read from the newest version.
        """
        try:
            return await asyncio.to_thread(self._known_before, key, numbers)
        except CodekilnError as error:
            raise StoreError(error) from error

    async def put(self, step: Step) -> None:
        """Take `step`; returns when it is in memory, or committed if its turn has come."""
        self._waiting.append(step)
        self._bytes += step.size
        self.came(step)
        now = asyncio.get_running_loop().time()
        self._since = now if self._since is None else self._since
        is_due = now - self._since >= self._every_s
        if is_due or self._bytes >= LARGEST_GROUP:
            await self.flush()

    async def flush(self) -> None:
        """Commit all that waits; raises StoreError. Once begun it ends, though we are canceled.

        What could not be committed, for whatever reason, waits on, before all that came later.
        """
        await asyncio.shield(asyncio.ensure_future(self._flush()))

    async def _flush(self) -> None:
        async with self._commit:
            steps, self._waiting = self._waiting, []
            self._since, self._bytes = None, 0
            if not steps:
                return
            try:
                self.version = await asyncio.to_thread(self._write, steps)
            except BaseException as error:
                # Later steps of a repository say that earlier ones are there: none may be lost.
                self._waiting = [*steps, *self._waiting]
                self._bytes += sum(step.size for step in steps)
                if isinstance(error, CodekilnError):
                    raise StoreError(error) from error
                raise

    # --- in a thread ---

    def _entries(self, keys: Sequence[str]) -> dict[str, Entry]:
        version = self.version
        if version is None:
            return {}
        there = [key for key in keys if key in version.entries]
        try:
            return {entry.key: entry for entry in self._dataset.entries(version, there)}
        except LostError:
            self.version = self._dataset.newest()
            if self.version.number == version.number:
                raise
            return self._entries(keys)

    def _known_before(self, key: str, numbers: Sequence[int]) -> dict[int, Known]:
        entry = self._before.get(key)
        try:
            return self._known(entry, numbers)
        except LostError:
            version = self._dataset.newest()
            if key in forgotten.keys(version.state):
                # It was erased meanwhile; nothing that is examined of it will be committed.
                return {}
            newest = self._dataset.entry(version, key)
            if newest is None or newest == entry:
                raise
            # Rows of this run may be in it: those are not asked for a second time.
            self._before[key] = newest
            return self._known_before(key, numbers)

    def _write(self, steps: Sequence[Step]) -> Version:
        by_key: dict[str, list[Step]] = {}
        for step in steps:
            by_key.setdefault(step.key, []).append(step)
        changes = {key: partial(self._changed, key, part) for key, part in by_key.items()}
        count = sum(len(step.rows) for step in steps)
        note = f"{count} pull requests of {len(by_key)} repositories"
        return self._dataset.commit(changes, run=self._run, note=note)

    def _changed(self, key: str, steps: Sequence[Step], entry: Entry | None) -> Entry:
        """Return the entry of `key` after `steps`; applied again where another was quicker."""
        numbers = sorted({row.number for step in steps for row in step.rows})
        held = state.from_json(entry.state if entry else {})
        written = Written(held, self._known(entry, numbers))
        for step in steps:
            written.take(step)
        old = entry.tables if entry else {}
        made = {
            PULLS: tables.upsert(
                self._dataset, old.get(PULLS, ()), written.pull_rows(), pulls.PULLS, PULLS_BUCKET,
                written.dropped(),
            ),
            LEDGER: tables.upsert(
                self._dataset, old.get(LEDGER, ()), written.ledger_rows(), pulls.LEDGER,
                LEDGER_BUCKET,
            ),
        }  # fmt: skip
        return Entry(key, made, state.to_json(written.state))

    def _known(self, entry: Entry | None, numbers: Sequence[int]) -> dict[int, Known]:
        shards = entry.tables.get(LEDGER, ()) if entry else ()
        if not shards or not numbers:
            return {}
        rows = tables.rows(self._dataset, shards, columns=list(COLUMNS), numbers=numbers)
        return {row["number"]: ledger.known(row) for row in rows}
