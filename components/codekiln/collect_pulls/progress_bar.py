"""How far a run is: pull requests kept, of those that the look lets one expect."""

from collections.abc import Callable, Sequence

from codekiln.collect_pulls.collector import Task
from codekiln.collect_pulls.sources import Plan
from codekiln.collect_pulls.step import Step
from codekiln.core.corpus.pulls import COLLECTED
from codekiln.core.github.client import GitHub


def expected(task: Task, plan: Plan) -> int:
    """Return how many pull requests `task` should bring, by GitHub's counts."""
    look, held = task.look, task.held
    wanted = min(look.total, plan.cap) if plan.cap else look.total
    missing = max(0, wanted - held.passed) if held.needs_depth(plan.cap) else 0
    return missing + max(0, look.total - held.sums.total if held.complete else 0)


class Bar:
    """Counts what comes; a repository that ends with fewer than expected counts as whole."""

    def __init__(self, tasks: Sequence[Task], plan: Plan, github: GitHub) -> None:
        self._github = github
        self._left = {task.origin.node_id: expected(task, plan) for task in tasks}
        self.total = sum(self._left.values())
        self.done = 0
        self.report: Callable[[int, str], None] = lambda _done, _note: None

    def came(self, step: Step) -> None:
        """Count what `step` brings."""
        kept = sum(row.outcome == COLLECTED for row in step.rows)
        self._count(step.key, min(kept, self._left.get(step.key, 0)))

    def ended(self, task: Task) -> None:
        """Count what was expected of `task` and will not come."""
        self._count(task.origin.node_id, self._left[task.origin.node_id])

    def _count(self, key: str, number: int) -> None:
        self._left[key] = self._left.get(key, 0) - number
        self.done += number
        self.report(self.done, self._github.outlook())
