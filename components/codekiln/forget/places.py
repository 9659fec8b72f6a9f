"""The data sets that may hold a repository, in the order in which it is taken out of them."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codekiln.core.corpus import layout
from codekiln.core.datasets import held
from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.traces import Shared
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import open_store


@dataclass(frozen=True, slots=True)
class Place:
    """One data set: `what` it holds, `shared` entries with rows of many.

    `keeps_out` says whether its entries are repositories, which it then keeps out for good: from
    its first version on, if it has none yet, for a run that goes on may be about to write it.
    `guarded` are the data sets whose only writer one must be to write into this one.
    """

    what: str
    dataset: Dataset
    shared: Shared | None = None
    keeps_out: bool = True
    guarded: Sequence[Dataset] = ()

    @contextlib.contextmanager
    def written(self) -> Iterator[None]:
        """Be its only writer for a block, if there may be but one; ServiceError if it is held."""
        with contextlib.ExitStack() as stack:
            for one in self.guarded:
                stack.enter_context(held.writer(one.store, layout.NEAR_WRITER))
            yield


def places(data: str, corpus: str) -> list[Place]:
    """Return what there is; raises InputError where there is nothing at a URI that was told."""
    pulls = Place("pull requests", Dataset(open_store(data)), layout.SEARCHES)
    # Said at once, or a slip in the URI would look like a repository that nobody collected.
    pulls.dataset.newest()
    return [pulls, *(_of_corpus(corpus.rstrip("/")) if corpus else ())]


def _of_corpus(corpus: str) -> list[Place]:
    kept = [(layout.EXAMPLES, "examples"), (layout.CLEANED, "cleaned examples")]
    found = [Place(what, Dataset(open_store(f"{corpus}/{name}"))) for name, what in kept]
    cleaned = found[-1].dataset
    near = f"{corpus}/{layout.NEAR}"
    found += [_index(f"{near}/{rules}", cleaned) for rules in _folders(near)]
    there = [place.dataset.head() is not None for place in found]
    if not any(there):
        raise InputError(
            f"{corpus} holds neither {layout.EXAMPLES} nor {layout.CLEANED}: give the --corpus "
            "that the pipeline data was given, or none"
        )
    return [one for one, is_there in zip(found, there, strict=True) if is_there or one.keeps_out]


def _index(uri: str, cleaned: Dataset) -> Place:
    index = Dataset(open_store(uri))
    # A night holds the cleaned examples all the time, the index at its end: one that goes on would
    # write signatures of what it has read already.
    guarded = [cleaned, index] if cleaned.head() else [index]
    return Place("near duplicates", index, layout.SIGNATURES, keeps_out=False, guarded=guarded)


def _folders(uri: str) -> list[str]:
    names = open_store(uri).names()
    return sorted({name.partition("/")[0] for name in names if "/" in name})
