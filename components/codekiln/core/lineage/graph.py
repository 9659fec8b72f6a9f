"""From a version of data forward to all that was made from it, and from a model back to its data.

seen = forward(nodes, {version.digest})          what had seen the version
past = backward(nodes, model.made)               what the model was made from
of = versions_among(past.sources, [dataset])     ... and which versions of data sets these were
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from codekiln.core.datasets.dataset import Dataset
from codekiln.core.lineage.manifests import Node

DATA_INPUTS = ("data", "examples", "cleaned", "reused")
"""What steps call the version of a data set that they read, or a folder that hands one on; and a
tokenizer that was made in another run, of other data."""


def forward(
    nodes: Iterable[Node], digests: Collection[str], without: Collection[str] = ()
) -> list[Node]:
    """Return the nodes that read or made one of `digests`, and all that came of these, by time.

    Nothing follows from digests of `without`: those are known to hold nothing of what is asked for.
    """
    every = list(nodes)
    readers: dict[str, list[Node]] = defaultdict(list)
    for node in every:
        for digest in node.read:
            readers[digest].append(node)
    found = {node.place: node for node in every if node.made & set(digests)}
    waiting = [*digests, *(digest for node in found.values() for digest in node.made)]
    seen = {*waiting, *without}
    waiting = [digest for digest in waiting if digest not in without]
    while waiting:
        for node in readers[waiting.pop()]:
            found[node.place] = node
            waiting += node.made - seen
            seen |= node.made
    return sorted(found.values(), key=lambda node: (node.started, node.place))


@dataclass(frozen=True, slots=True)
class Past:
    """What something was made from: the nodes on the way, by time, and every digest they name."""

    nodes: Sequence[Node]
    sources: frozenset[str]


def backward(nodes: Iterable[Node], digests: Collection[str]) -> Past:
    """Return all that `digests` (of an output, or a version) were made from."""
    makers: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        for digest in node.made:
            makers[digest].append(node)
    found: dict[str, Node] = {}
    waiting, seen = list(digests), set(digests)
    while waiting:
        for node in makers[waiting.pop()]:
            found[node.place] = node
            waiting += node.read - seen
            seen |= node.read
    told = sorted(found.values(), key=lambda node: (node.started, node.place))
    return Past(told, frozenset(seen))


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A version of a data set, as people call it."""

    uri: str
    number: int


def versions_among(digests: Collection[str], datasets: Iterable[Dataset]) -> Mapping[str, Found]:
    """Return which of `digests` are versions of `datasets`; pruned versions are not known."""
    return {
        version.digest: Found(dataset.uri, version.number)
        for dataset in datasets
        for version in dataset.versions()
        if version.digest in digests
    }


def unexplained(nodes: Iterable[Node], known: Collection[str]) -> list[Node]:
    """Return the nodes that read data which neither one of `nodes` made nor `known` holds.

    They were made from versions that are gone, or in a place that was not looked at.
    """
    every = list(nodes)
    explained = {*known, *(digest for node in every for digest in node.made)}
    return [
        node
        for node in every
        if any(node.inputs.get(name, "") not in {"", *explained} for name in DATA_INPUTS)
    ]
