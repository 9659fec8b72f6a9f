"""Taking a repository out, data set by data set, so that one that was killed is taken up again.

The data set of pull requests comes first: as soon as it says so, nobody collects the repository any
more. Each data set gets one new version; a second run finds what the first has left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codekiln.core.datasets import forgotten
from codekiln.core.datasets.forgotten import Forgotten
from codekiln.core.datasets.traces import Held, Traces
from codekiln.core.errors import InputError, ServiceError
from codekiln.forget import history
from codekiln.forget.findings import Erased, Older, Taken
from codekiln.forget.identity import Repository
from codekiln.forget.places import Place

RUN = "codekiln forget"
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Trail:
    """A place, and what of one repository is in it."""

    place: Place
    traces: Traces


def trails(places: Iterable[Place], key: str) -> list[Trail]:
    """Return the trail of the repository with this node id in each place."""
    return [Trail(place, Traces(place.dataset, key, place.shared)) for place in places]


def look(trail: Trail) -> Taken:
    """Return what a place holds; all versions that hold it are told, the newest too."""
    dataset = trail.place.dataset
    head = dataset.head()
    return Taken(
        what=trail.place.what,
        uri=dataset.uri,
        held=trail.traces.held(head) if head else Held(),
        version=head.number if head else 0,
        left=_left(trail),
    )


def take_out(trail: Trail, repository: Repository, when: str) -> Taken:
    """Commit a version without the repository, and return what there was and what is left."""
    dataset = trail.place.dataset
    mark = Forgotten(key=repository.key, name=repository.name, when=repository.since or when)
    head = dataset.head()
    before = trail.traces.held(head) if head else Held()
    with trail.place.written():
        version = trail.traces.commit(RUN, mark if trail.place.keeps_out else None)
    # Now no newer version will hold it: those that do are all that ever will.
    history.record(dataset, repository, trail.traces.holding())
    return Taken(
        what=trail.place.what,
        uri=dataset.uri,
        held=before,
        version=version.number,
        left=_left(trail),
    )


def _left(trail: Trail) -> list[Older]:
    dataset = trail.place.dataset
    names: dict[int, list[str]] = {}
    for name, number in dataset.names().items():
        names.setdefault(number, []).append(name)
    return [
        Older(
            what=trail.place.what,
            uri=dataset.uri,
            number=one.number,
            names=names.get(one.number, []),
            created=one.created,
        )
        for one in trail.traces.holding()
    ]


def erase(trail: Trail) -> Erased:
    """Remove the versions that hold it, with their names, and all that only they need.

    Raises ServiceError if others go on to name them, or prune meanwhile.
    """
    versions = objects = size = 0
    with trail.place.written():
        for _ in range(ATTEMPTS):
            numbers = [one.number for one in trail.traces.holding()]
            done = trail.place.dataset.erase(numbers, trail.traces.is_in_object)
            versions += done.versions
            objects += done.entries + done.shards
            size += done.size
            if not trail.traces.holding():
                uri = trail.place.dataset.uri
                return Erased(uri=uri, versions=versions, objects=objects, size=size)
    raise ServiceError(
        f"{trail.place.dataset.uri}: versions that are to go are given names all the time; stop "
        "what does that, and run this again"
    )


def allow(places: Sequence[Place], repository: Repository, *, is_dry: bool) -> list[str]:
    """Let the repository in again, unless `is_dry`; return the URIs that kept it out.

    Raises InputError if none does.
    """
    closed = [place for place in places if repository.key in forgotten.since(place.dataset)]
    if not closed:
        raise InputError(
            f"{repository.name} ({repository.key}) is not forgotten, so nothing keeps it out"
        )
    for place in () if is_dry else closed:
        state = forgotten.allowed(repository.key)
        place.dataset.commit({}, run=RUN, note=f"allows {repository.name} again", state=state)
    return [place.dataset.uri for place in closed]
