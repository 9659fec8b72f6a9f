"""Collecting many repositories at once: one look at all, then work on those that need it.

A repository that GitHub does not show is written down; one that fails for any other reason keeps
what it has and counts as not finished, for the next run. When several fail one after another it is
not for them: the run ends.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from codekiln.collect_pulls import holes, state
from codekiln.collect_pulls.looking import Look, looks
from codekiln.collect_pulls.record import Origin
from codekiln.collect_pulls.repository import collect, lose
from codekiln.collect_pulls.sources import Plan, Sources
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.step import Before, Step
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.github.errors import GoneError, TooHeavyError

logger = logging.getLogger(__name__)

SECOND = 1.0
"""GitHub dates changes by whole seconds."""

PATIENCE = 5
"""Repositories that may fail one after another before the run ends."""

UNCHANGED = "repositories_unchanged"
DONE = "repositories_collected"
GONE = "repositories_gone"
FAILED = "repositories_failed"


@dataclass(frozen=True)
class Task:
    """A repository with something to do, and what was seen of it."""

    origin: Origin
    look: Look
    held: State


@dataclass
class Collector:
    """One run over a list of repositories."""

    sources: Sources
    plan: Plan
    held: Callable[[str], State]
    """The state of a repository, by node id, before the run."""
    at_once: int = 16
    ended: Callable[[Task], None] = lambda _task: None
    """Called when a repository needs no more work in this run."""
    counted: Counter[str] = field(default_factory=Counter)
    """Repositories by what became of them."""
    failed_in_a_row: int = 0
    last_error: BaseException | None = None

    async def tasks(self, origins: Sequence[Origin]) -> list[Task]:
        """Look at all of `origins` and return what there is to do, in their order.

        What is read later than this returns holds all that GitHub dates as the looks do, or before.
        """
        by_id = {origin.node_id: origin for origin in origins}
        found = []
        async for key, look in looks(self.sources.github, list(by_id), self.sources.looks):
            task = await self._task(by_id[key], look)
            found += [task] if task else []
        # In the second of the newest change that a look saw, more may change: let it be over.
        await asyncio.sleep(SECOND if found else 0)
        return found

    async def run(self, tasks: Sequence[Task]) -> None:
        """Do `tasks`, some at once; what is whole when this is canceled waits in the store.

        Raises what made a repository fail if none could be done and none was as it should be.
        """
        waiting = iter(tasks)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.at_once, len(tasks))):
                group.create_task(self._work(waiting))
        if self.last_error and not self.counted[DONE] and not self.counted[UNCHANGED]:
            raise self.last_error

    async def _task(self, origin: Origin, look: Look | str) -> Task | None:
        held = self.held(origin.node_id)
        if isinstance(look, str):
            await self._unseen(origin, held, look)
        elif held.is_current(look, self.plan.rules.digest(), self.plan.cap):
            self.counted[UNCHANGED] += 1
        else:
            return Task(replace(origin, name=look.name), look, held)
        return None

    async def _unseen(self, origin: Origin, held: State, reason: str) -> None:
        if reason == holes.UNANSWERED:
            await self._unanswered(origin, held)
            return
        self.counted[GONE] += 1
        if held.gone != reason:
            logger.warning("%s: %s", origin.name, reason)
            await lose(self.sources, origin, reason)

    async def _unanswered(self, origin: Origin, held: State) -> None:
        logger.warning("%s: GitHub gives no answer; the next run asks again", origin.name)
        self.counted[FAILED] += 1
        self.last_error = ServiceError(
            f"GitHub gives no answer for {origin.name}, and none of the others could be collected: "
            "run again"
        )
        if held.complete:
            await self.sources.store.put(Step(key=origin.node_id, advance=_unfinished))

    async def _work(self, waiting: Iterator[Task]) -> None:
        for task in waiting:
            await self._try(task)
            self.ended(task)

    async def _try(self, task: Task) -> None:
        try:
            await collect(self.sources, self.plan, task.origin, task.look, task.held)
        except* GoneError as group:
            reason = str(getattr(first_error(group), "reason", holes.VANISHED))
            logger.warning("%s: %s while it was collected", task.origin.name, reason)
            self.counted[GONE] += 1
            await lose(self.sources, task.origin, reason)
        except* (ServiceError, InputError, TooHeavyError) as group:
            await self._fail(task, first_error(group))
        else:
            self.counted[DONE] += 1
            self.failed_in_a_row = 0

    async def _fail(self, task: Task, error: BaseException) -> None:
        self.counted[FAILED] += 1
        self.failed_in_a_row += 1
        self.last_error = error
        seen = partial(_unfinished, look=task.look)
        await self.sources.store.put(Step(key=task.origin.node_id, advance=seen))
        if self.failed_in_a_row >= PATIENCE:
            raise error
        logger.warning("%s is left for the next run: %s", task.origin.name, error)


def _unfinished(held: State, _before: Before, *, look: Look | None = None) -> State:
    return state.unfinished(held, look)


def first_error(error: BaseException) -> BaseException:
    """Return the first single error in `error`; the sources of a page fail side by side."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
