"""One run of the collector: what to do, doing it, committing it, whatever ends it."""

import asyncio
import contextlib
import logging
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from codekiln.collect_pulls.collector import Collector, Task, first_error
from codekiln.collect_pulls.progress_bar import Bar
from codekiln.collect_pulls.record import Origin
from codekiln.collect_pulls.sources import Plan, Sources
from codekiln.collect_pulls.store import Store
from codekiln.core.corpus import ledger
from codekiln.core.corpus.ledger import Sums
from codekiln.core.datasets.dataset import Version
from codekiln.core.errors import CodekilnError, ServiceError
from codekiln.core.progress import track

logger = logging.getLogger(__name__)

FORGOTTEN = "repositories_forgotten"
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class CanceledError(CodekilnError):
    """The user pressed Ctrl-C; what was whole is committed."""

    exit_code = 130


@dataclass(frozen=True)
class Outcome:
    """What a run left: a version, the ledger of its repositories, and what became of these."""

    version: Version
    sums: Sums
    repositories: Counter[str]


async def collect_all(
    sources: Sources, store: Store, plan: Plan, origins: Sequence[Origin], at_once: int
) -> Outcome:
    """Collect `origins` into the data set of `store`, which is also that of `sources`.

    Those that the data set keeps out are left out. SIGTERM and Ctrl-C end it after a commit:
    ServiceError, CanceledError.
    """
    wanted = [origin for origin in origins if origin.node_id not in store.forgotten]
    await store.load(origin.node_id for origin in wanted)
    collector = Collector(sources, plan, store.held, at_once)
    if left_out := len(origins) - len(wanted):
        logger.info("%d repositories of the list were forgotten: left out", left_out)
        collector.counted[FORGOTTEN] += left_out
    with stopping() as stopped:
        try:
            await _committed(collector, wanted, store)
        except asyncio.CancelledError:
            if not stopped:
                raise
            await store.flush()
            _end(stopped[0])
    keys = [origin.node_id for origin in wanted]
    version = store.version or await store.begin()
    sums = ledger.added(held.sums for held in await store.states(keys))
    return Outcome(version, sums, collector.counted)


async def _committed(collector: Collector, origins: Sequence[Origin], store: Store) -> None:
    """Collect `origins` and commit what is whole, also where an error ends it."""
    try:
        await _shown(collector, await collector.tasks(origins), store)
    except (BaseExceptionGroup, CodekilnError) as error:
        await store.flush()
        raise first_error(error) from None
    await store.flush()


async def _shown(collector: Collector, tasks: Sequence[Task], store: Store) -> None:
    """Do `tasks` with a bar that follows them."""
    bar = Bar(tasks, collector.plan, collector.sources.github)
    collector.ended, store.came = bar.ended, bar.came
    with track("collect pulls", bar.total, "pull requests") as bar.report:
        await collector.run(tasks)


@contextlib.contextmanager
def stopping() -> Iterator[list[signal.Signals]]:
    """Cancel the running task at the first SIGTERM or Ctrl-C, which the list then holds.

    A second one ends the process at once. Only a main thread's loop of its own hears signals.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    heard: list[signal.Signals] = []

    def hear(number: signal.Signals) -> None:
        heard.append(number)
        deaf()
        if task is not None:
            task.cancel()

    def deaf() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    with contextlib.suppress(RuntimeError, NotImplementedError, ValueError):
        for number in SIGNALS:
            loop.add_signal_handler(number, hear, number)
    try:
        yield heard
    finally:
        deaf()


def _end(heard: signal.Signals) -> NoReturn:
    if heard is signal.SIGINT:
        raise CanceledError("canceled; what was whole is committed: run it again to go on")
    raise ServiceError("told to stop; what was whole is committed: run it again to go on")
