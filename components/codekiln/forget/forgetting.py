"""Forgetting one repository, from the first commit to the last object."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from codekiln.core.errors import ServiceError
from codekiln.core.storage.objects import is_remote
from codekiln.forget import history, lineage, removal, token_sets
from codekiln.forget.findings import Findings, Seen, Taken
from codekiln.forget.identity import Repository
from codekiln.forget.places import Place
from codekiln.forget.removal import Trail
from codekiln.forget.token_sets import TokenSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to go about it: only looking, or with all that is older; `when` is now, ISO 8601."""

    is_dry: bool
    erases: bool
    when: str


def forget(
    repository: Repository, places: Sequence[Place], corpus: str, runs: Sequence[str], way: Way
) -> Findings:
    """Forget `repository`, and return what was found and done.

    Killed anywhere, a second call does the rest. Raises ServiceError where others hold a data set.
    """
    trails = removal.trails(places, repository.key)
    taken = list(map(removal.look, trails)) if way.is_dry else _taken(trails, repository, way.when)
    erases = way.erases and not way.is_dry
    with token_sets.alone(corpus) if corpus and erases else contextlib.nullcontext():
        sets = token_sets.token_sets(corpus, repository.key) if corpus else []
        seen, unreadable = _seen(trails, sets, runs, repository.key)
        unclear = [*unreadable, *([] if erases else _unfinished(sets))]
        if erases:
            # Tokens first: that a set is of an older version is known as long as this one is there.
            token_sets.remove(one for one in sets if one.may_hold_it)
    erased = [removal.erase(trail) for trail in trails] if erases else None
    return Findings(
        repository=repository,
        is_dry=way.is_dry,
        erases=way.erases,
        taken=taken,
        sets=sets,
        seen=seen,
        not_looked_at=_not_looked_at(places, corpus, runs, unclear),
        erased=erased,
    )


def _taken(trails: Sequence[Trail], repository: Repository, when: str) -> list[Taken]:
    taken: list[Taken] = []
    for trail in trails:
        try:
            taken.append(removal.take_out(trail, repository, when))
        except ServiceError as error:
            done = ", ".join(one.what for one in taken) or "nothing"
            raise ServiceError(f"{error} (so far it is taken out of: {done})") from error
    return taken


def _seen(
    trails: Sequence[Trail], sets: Sequence[TokenSet], runs: Sequence[str], key: str
) -> tuple[Seen, list[str]]:
    held = {
        digest
        for trail in trails
        for digest in (
            *history.recorded(trail.place.dataset, key).values(),
            *(one.digest for one in trail.traces.holding()),
        )
    }
    known = {one.digest for trail in trails for one in trail.traces.versions()}
    return lineage.seen(runs, sets, held, known)


def _unfinished(sets: Sequence[TokenSet]) -> list[str]:
    return [one.node.place for one in sets if not one.is_whole and not one.holds_it]


def _not_looked_at(
    places: Sequence[Place], corpus: str, runs: Sequence[str], unclear: Sequence[str]
) -> list[str]:
    """Say plainly what nothing above speaks of."""
    said = []
    if not corpus:
        said.append("examples, cleaned examples and tokens: no --corpus was given")
    if not runs:
        said.append(f"runs and models: no --runs was given, and {lineage.RUNS} is not there")
    said += [f"{place}: no manifest that can be read" for place in unclear]
    said += [
        "outputs of steps that failed, and of runs elsewhere: they have no manifest here",
        "steps that go on: what they still upload of it is in no version; --erase after their end",
        "files that killed writers left half-written (*.partial, unfinished uploads)",
        f"ledgers ({places[0].dataset.uri}/ledgers) and lists of repositories: they only name it",
        "issues of it that pull requests of other repositories close, and copies of its code there",
    ]
    if any(is_remote(place.dataset.uri) for place in places):
        said.append("old versions of objects, if the bucket keeps them: its own rules remove these")
    return said
