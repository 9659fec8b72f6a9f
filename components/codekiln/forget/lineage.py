"""Which outputs of steps had seen a repository: by the digests in all manifests of some places."""

from collections.abc import Collection, Iterable, Sequence

from codekiln.core.errors import InputError
from codekiln.core.lineage import graph, manifests
from codekiln.core.lineage.manifests import Node, Walked
from codekiln.core.storage.objects import is_remote, local_path, open_store
from codekiln.core.tokens.packed_info import MANIFEST
from codekiln.forget.findings import Seen
from codekiln.forget.token_sets import TokenSet

RUNS = "codekiln-runs"
"""Where `codekiln run` puts runs if nobody says otherwise."""


def roots(told: Sequence[str]) -> list[str]:
    """Return the places of runs to look at; raises InputError if one that was told is not there."""
    for uri in told:
        if not is_remote(uri) and not local_path(uri).is_dir():
            raise InputError(f"--runs {uri} is no folder: give one that holds runs, or s3://...")
    return list(told) if told else [RUNS] if local_path(RUNS).is_dir() else []


def seen(
    runs: Sequence[str], sets: Sequence[TokenSet], held: Collection[str], known: Collection[str]
) -> tuple[Seen, list[str]]:
    """Return what had seen versions with the digests `held`; `known` are all that are there.

    The list names manifests that could not be read.
    """
    walked = {uri: manifests.walk(open_store(uri)) for uri in runs}
    every = [*(node for one in walked.values() for node in one.nodes), *(one.node for one in sets)]
    holding = [one.node for one in sets if one.holds_it]
    starts = {*held, *(digest for node in holding for digest in node.made)}
    without = {*known} - starts
    found = {node.place: node for node in [*holding, *graph.forward(every, starts, without)]}
    gone = graph.unexplained(every, {*known, *starts})
    begun = {digest for node in gone for digest in node.made}
    unclear = [*gone, *graph.forward(every, begun, {*known, *starts})]
    told = Seen(
        nodes=_sorted(found.values()),
        unexplained=_sorted({one.place: one for one in unclear if one.place not in found}.values()),
        looked_at={uri: len(one.nodes) for uri, one in walked.items()},
    )
    return told, _unreadable(walked.values(), sets)


def _unreadable(walked: Iterable[Walked], sets: Iterable[TokenSet]) -> list[str]:
    # The manifest of a set of tokens is of its own form: what it says stands in its node.
    of_sets = {one.store.location(MANIFEST) for one in sets}
    return [at for one in walked for at in one.unreadable if at not in of_sets]


def _sorted(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (node.started, node.place))
