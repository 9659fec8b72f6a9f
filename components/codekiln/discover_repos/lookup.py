"""Looks repositories up by name, a hundred a call."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from codekiln.core.corpus.repositories import Repository
from codekiln.core.errors import ServiceError
from codekiln.core.github.answers import Reply
from codekiln.discover_repos.described import FIELDS, from_graphql

BATCH = 100
"""Repositories a call: one point, and far from the ten seconds at which GitHub gives up."""
TRIES = 3
GONE = ("NOT_FOUND", "FORBIDDEN")
"""Types of errors that a second call would meet again."""

Ask = Callable[[str], Awaitable[Reply]]


@dataclass
class Found:
    """Repositories by node id, and the names that led nowhere."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    """The names that are no question any more."""
    doubled: int = 0
    """Names of repositories that were named before, by another name."""
    gone: list[str] = field(default_factory=list)
    """No repository has this name, or the token may not see it."""

    def add(self, name: str, repository: Repository | None) -> None:
        """Add what GitHub told of `name`, None if it led nowhere."""
        self.answered.add(name)
        if repository is None:
            self.gone.append(name)
            return
        self.doubled += repository.node_id in self.repositories
        self.repositories[repository.node_id] = repository


async def look_up(ask: Ask, names: Sequence[str], found: Found) -> None:
    """Ask for `names` until each one is answered; a renamed repository is found by its old name.

    Raises ServiceError if GitHub leaves some of them unanswered.
    """
    for _ in range(TRIES):
        # Asked again in halves, some are answered already.
        names = [name for name in names if name not in found.answered]
        if not names:
            return
        await _look(ask, names, found)
    left = [name for name in names if name not in found.answered]
    if left:
        raise ServiceError(
            f"GitHub does not say what {left[0]} is, nor {len(left) - 1} more of the list; run "
            "again later"
        )


async def _look(ask: Ask, names: Sequence[str], found: Found) -> None:
    """Ask for `names` in one call; some may stay without an answer."""
    reply = await ask(query(names))
    types = {error.path[0]: error.type for error in reply.errors if error.path}
    for number, name in enumerate(names):
        told = reply.data.get(f"r{number}")
        if told is not None:
            found.add(name, from_graphql(told))
        elif types.get(f"r{number}") in GONE:
            found.add(name, None)


def query(names: Sequence[str]) -> str:
    """Return the query for `names`, which must be slugs."""
    asked = []
    for number, slug in enumerate(names):
        owner, name = slug.split("/")
        arguments = f"owner: {json.dumps(owner)}, name: {json.dumps(name)}"
        asked.append(f"r{number}: repository({arguments}) {{ ...Described }}")
    fields = "\n  ".join(asked)
    head = "query Repositories {\n  rateLimit { cost remaining resetAt }"
    return f"{head}\n  {fields}\n}}\nfragment Described on Repository {{{FIELDS}}}\n"
