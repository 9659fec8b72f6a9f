"""Collecting one repository: what failed before, what changed, then on down the line.

See `state` for the line and its window. Each page becomes one step, committed whole.
"""

from functools import partial

from codekiln.collect_pulls import state
from codekiln.collect_pulls.comments import Comments
from codekiln.collect_pulls.descent import deeper
from codekiln.collect_pulls.examination import Examiner
from codekiln.collect_pulls.looking import Look
from codekiln.collect_pulls.news import again, changed
from codekiln.collect_pulls.record import Origin
from codekiln.collect_pulls.sources import Plan, Sources
from codekiln.collect_pulls.spool import opened
from codekiln.collect_pulls.state import State
from codekiln.collect_pulls.step import Before, Step
from codekiln.collect_pulls.work import Work


async def collect(sources: Sources, plan: Plan, origin: Origin, look: Look, held: State) -> None:
    """Bring the data of a repository from `held` to what `look` saw and `plan` wants."""
    with sources.details.member(), opened(sources.scratch) as spool:
        async with sources.git.opened(look.name) as mirror:
            comments = Comments(sources.github, look.name, spool)
            work = Work(Examiner(sources, plan, origin, comments, mirror), look, held)
            await again(work)
            await changed(work)
            await deeper(work)
            await work.put(partial(_finished, look=look))


async def lose(sources: Sources, origin: Origin, reason: str) -> None:
    """Write down that GitHub does not show a repository, and why."""
    await sources.store.put(
        Step(key=origin.node_id, advance=partial(_vanished, reason=reason, name=origin.name))
    )


def _finished(held: State, _before: Before, *, look: Look) -> State:
    # a repository without pull requests has no walk to say this
    told = held if held.seen_to else state.refreshed(held, look, None)
    return state.finished(told)


def _vanished(held: State, _before: Before, *, reason: str, name: str) -> State:
    return state.vanished(held, reason, name)
