"""What `codekiln forget` says: lines for people, one JSON document for machines."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from codekiln.core.datasets.page import size, table
from codekiln.core.datasets.traces import Held
from codekiln.core.errors import printable
from codekiln.core.lineage.manifests import Node
from codekiln.forget import kinds
from codekiln.forget.findings import Findings, Older
from codekiln.forget.identity import Repository
from codekiln.forget.token_sets import TokenSet

SHOWN = 10
"""Outputs of which nothing can be told that are named one by one."""


@dataclass(frozen=True, slots=True)
class Page:
    """One matter in both forms."""

    document: dict[str, Any]
    lines: Sequence[str]


def tell(page: Page, *, as_json: bool) -> None:
    """Write `page` to standard output, in one of its two forms."""
    if as_json:
        sys.stdout.write(json.dumps(page.document, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{printable(line)}\n" for line in page.lines)


def allowed(repository: Repository, uris: Sequence[str], *, is_dry: bool) -> Page:
    """Say that a repository may come in again."""
    document = {"repository": _repository(repository), "dry_run": is_dry, "allowed_in": list(uris)}
    may = "would be" if is_dry else "is"
    lines = [
        _found(repository),
        f"it {may} allowed again in {', '.join(uris)}",
        "the next run that finds it, by a new search or on a list, collects it anew",
    ]
    return Page(document, lines)


def findings(found: Findings) -> Page:
    """Say what was found of a repository, and what was done."""
    return Page(_document(found), list(_lines(found)))


# --- for machines ---


def _document(found: Findings) -> dict[str, Any]:
    return {
        "repository": _repository(found.repository),
        "dry_run": found.is_dry,
        "changed": found.changed and not found.is_dry,
        "data_sets": [
            {"what": one.what, "uri": one.uri, "version": one.version, "rows": dict(one.held.rows)}
            for one in found.taken
        ],
        "older_versions": [asdict(one) for one in found.left],
        "token_sets": [
            {"place": one.node.place, "documents": one.documents} for one in found.token_sets
        ],
        "seen_by": [_node(one) for one in found.seen.nodes],
        "cannot_be_told": [_node(one) for one in found.seen.unexplained],
        "manifests": dict(found.seen.looked_at),
        "not_looked_at": list(found.not_looked_at),
        "erased": None if found.erased is None else [asdict(one) for one in found.erased],
    }


def _repository(one: Repository) -> dict[str, str]:
    return {"node_id": one.key, "name": one.name, "found_by": one.by, "forgotten": one.since}


def _node(node: Node) -> dict[str, str]:
    told = {"place": node.place, "phase": node.phase, "when": node.started}
    return {"what": kinds.kind(node), **told}


# --- for people ---


def _lines(found: Findings) -> Iterator[str]:
    yield _found(found.repository)
    yield from _taken(found)
    yield from _older(found)
    yield from _token_sets(found)
    yield from _seen(found)
    yield from _unexplained(found.seen.unexplained)
    yield ""
    yield "not looked at:"
    yield from (f"  {one}" for one in found.not_looked_at)
    yield ""
    yield from _end(found)


def _found(one: Repository) -> str:
    since = f"; forgotten since {_moment(one.since)}" if one.since else ""
    return f"{one.name} ({one.key}), found by {one.by}{since}"


def _taken(found: Findings) -> Iterator[str]:
    if not found.changed:
        yield "nothing to do: no newest version holds it, and none will"
        return
    rows = []
    for one in found.taken:
        what = _rows(one.held)
        if found.is_dry:
            told = f"version {one.version} holds {what}" if one.held else "holds nothing of it"
        else:
            told = f"version {one.version} is without {what}" if one.held else "held nothing of it"
        rows.append((f"  {one.what}", one.uri, told))
    yield from table(rows)


def _rows(held: Held) -> str:
    counted = [f"{count:,} {name}" for name, count in held.rows.items()]
    return ", ".join(counted) or "its entry"


def _older(found: Findings) -> Iterator[str]:
    if found.erased is not None:
        yield ""
        yield from (
            f"{one.uri}: older versions removed: {one.versions:,}, objects: {one.objects:,} "
            f"({size(one.size)})"
            for one in found.erased
        )
    elif found.left:
        yield ""
        yield "versions that hold it:" if found.is_dry else "older versions that still hold it:"
        yield from _versions(found.left)


def _versions(left: Sequence[Older]) -> Iterator[str]:
    rows = [("  DATA SET", "VERSION", "NAME", "CREATED (UTC)")]
    rows += [
        (f"  {one.uri}", str(one.number), ", ".join(one.names), _moment(one.created))
        for one in left
    ]
    yield from table(rows, right=(1,))


def _token_sets(found: Findings) -> Iterator[str]:
    if found.token_sets:
        yield ""
        yield ("tokens removed:" if found.erased is not None else "tokens that hold it:")
        yield from (f"  {one.node.place}: {_documents(one)}" for one in found.token_sets)


def _documents(one: TokenSet) -> str:
    if one.documents:
        return f"{one.documents:,} documents"
    if one.is_going:
        return "what is left of a set whose removal had begun"
    return "what a killed run left, unfinished"


def _seen(found: Findings) -> Iterator[str]:
    places = {one.node.place for one in found.token_sets}
    nodes = [one for one in found.seen.nodes if one.place not in places]
    where = ", ".join(f"{uri} ({count:,} manifests)" for uri, count in found.seen.looked_at.items())
    yield ""
    if nodes:
        yield f"what had seen it, in {where}:"
        yield from _nodes(nodes, len(nodes))
    else:
        yield f"no model or other output had seen it, in {where or 'no place that was given'}"


def _unexplained(nodes: Sequence[Node]) -> Iterator[str]:
    if nodes:
        yield ""
        yield "made from data that is gone or elsewhere, so whether it was in it cannot be told:"
        yield from _nodes(nodes, SHOWN)


def _nodes(nodes: Sequence[Node], most: int) -> Iterator[str]:
    """Name those that hold something, models first; count those that only name data."""
    told = sorted((one for one in nodes if not kinds.is_reference(one)), key=kinds.rank)
    rows = [("  WHAT", "PHASE", "WHEN (UTC)", "WHERE")]
    rows += [
        (f"  {kinds.kind(one)}", one.phase, _moment(one.started), one.place) for one in told[:most]
    ]
    yield from table(rows) if told else ()
    if len(told) > most:
        yield f"  and {len(told) - most:,} more; --json lists them"
    if len(nodes) > len(told):
        yield f"  and {len(nodes) - len(told):,} that only name data: {_phases(nodes)}"


def _phases(nodes: Sequence[Node]) -> str:
    counted = Counter(one.phase for one in nodes if kinds.is_reference(one))
    return ", ".join(f"{count:,} {phase}" for phase, count in sorted(counted.items()))


def _end(found: Findings) -> Iterator[str]:
    if found.is_dry:
        more = " and erase what is older" if found.erases else ""
        yield f"nothing was changed; without --dry-run this would forget it{more}"
    elif found.erased is not None:
        more = "; what had seen it is not: that is yours to remove" if found.seen.nodes else ""
        yield f"it is erased here{more}"
    elif found.left or found.token_sets:
        yield (
            "older versions and tokens still hold it: the same command with --erase removes them, "
            "with their names, for good"
        )
    else:
        yield "no version and no tokens that were looked at hold it any more"


def _moment(told: str) -> str:
    try:
        return f"{datetime.fromisoformat(told):%Y-%m-%d %H:%M}"
    except ValueError:
        # Manifests are what others wrote.
        return told
