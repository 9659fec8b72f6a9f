"""What `codekiln data` says: lines for people, one JSON document for machines."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from codekiln.core.datasets.comparison import Difference
from codekiln.core.datasets.pruning import Pruned
from codekiln.core.datasets.summary import Holding
from codekiln.core.datasets.version import Version
from codekiln.core.errors import printable

Told = tuple[dict[str, Any], Iterator[str]]
"""One matter in both forms."""

NUMBERS = 8
"""How many numbers of rows a line names."""
UNITS = ("B", "kB", "MB", "GB", "TB")


def tell(say: Callable[..., Told], what: tuple[Any, ...], *, as_json: bool) -> None:
    """Write `what` to standard output, in one of its two forms."""
    document, lines = say(*what)
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{printable(line)}\n" for line in lines)


def by_number(names: Mapping[str, int]) -> dict[int, list[str]]:
    """Return the names of each version that has any."""
    found: dict[int, list[str]] = {}
    for name, number in names.items():
        found.setdefault(number, []).append(name)
    return found


# --- list ---


def versions(found: Sequence[Version], names: Mapping[int, Sequence[str]], left: int) -> Told:
    """Say which versions there are."""
    documents = [_version(one, names.get(one.number, ())) for one in found]
    return {"versions": documents}, _versions(found, names, left)


def _versions(
    found: Sequence[Version], names: Mapping[int, Sequence[str]], left: int
) -> Iterator[str]:
    rows = [("VERSION", "NAME", "CREATED (UTC)", "ENTRIES", "RUN", "NOTE")]
    rows += [
        (
            str(one.number),
            ", ".join(names.get(one.number, ())),
            _moment(one.created),
            f"{len(one.entries):,}",
            one.run,
            one.note,
        )
        for one in found
    ]
    yield from table(rows, right=(0, 3))
    if left:
        yield f"{left:,} older versions are not shown; --all shows them"


def _version(version: Version, names: Sequence[str]) -> dict[str, Any]:
    return {
        "version": version.number,
        "names": list(names),
        "parent": version.parent,
        "created": version.created,
        "run": version.run,
        "note": version.note,
        "entries": len(version.entries),
        "state": dict(version.state),
    }


# --- show ---


def holdings(
    version: Version, names: Sequence[str], found: Sequence[Holding], limit: int | None
) -> Told:
    """Say what a version holds; `limit` is how many entries are told one by one."""
    rows, outcomes = _sum(one.rows for one in found), _sum(one.outcomes for one in found)
    document = _version(version, names) | {
        "rows": rows,
        "outcomes": outcomes,
        "size": sum(one.size for one in found),
        "repositories": [dataclasses.asdict(one) for one in found],
    }
    return document, _holdings(document, found, limit)


def _holdings(
    told: Mapping[str, Any], found: Sequence[Holding], limit: int | None
) -> Iterator[str]:
    named = f" ({', '.join(told['names'])})" if told["names"] else ""
    yield f"version {told['version']}{named}, made {_moment(told['created'])} UTC by {told['run']}"
    yield from filter(None, [told["note"]])
    yield f"{len(found):,} entries, {size(told['size'])}"
    yield ""
    yield from table([(f"{count:,}", name) for name, count in told["rows"].items()], right=(0,))
    if told["outcomes"]:
        yield ""
        counted = sorted(told["outcomes"].items(), key=lambda one: -one[1])
        yield from table([(f"{count:,}", name) for name, count in counted], right=(0,))
    yield ""
    tables = list(told["rows"])
    kinds = sorted({outcome.partition(":")[0] for outcome in told["outcomes"]})
    rows = [("ENTRY", *map(str.upper, tables), *map(str.upper, kinds), "SIZE")]
    for one in found[:limit]:
        counts = [one.rows.get(name, 0) for name in tables] + [_of(one, kind) for kind in kinds]
        rows.append((one.name, *(f"{count:,}" for count in counts), size(one.size)))
    yield from table(rows, right=range(1, len(rows[0])))
    if limit is not None and len(found) > limit:
        yield f"{len(found) - limit:,} more are not shown; --all shows them"


def _of(one: Holding, kind: str) -> int:
    return sum(count for name, count in one.outcomes.items() if name.partition(":")[0] == kind)


# --- diff ---


def differences(
    older: Version, newer: Version, found: Sequence[Difference], limit: int | None
) -> Told:
    """Say what lies between two versions."""
    changed = _sum({one.status: 1} for one in found)
    rows: dict[str, dict[str, int]] = {}
    for one in found:
        for name, part in one.tables.items():
            counts = {what: len(numbers) for what, numbers in dataclasses.asdict(part).items()}
            rows[name] = _sum([rows.get(name, {}), counts])
    document = {
        "older": older.number,
        "newer": newer.number,
        "entries": changed,
        "rows": rows,
        "repositories": [dataclasses.asdict(one) for one in found],
    }
    return document, _differences(document, found, limit)


def _differences(
    told: Mapping[str, Any], found: Sequence[Difference], limit: int | None
) -> Iterator[str]:
    yield f"from version {told['older']} to version {told['newer']}"
    if not found:
        yield "they hold the same"
        return
    yield f"entries: {_in_words(told['entries'])}"
    for name, counts in sorted(told["rows"].items()):
        yield f"{name}: {_in_words(counts)}"
    yield ""
    for one in found[:limit]:
        yield from _difference(one, limit)
    if limit is not None and len(found) > limit:
        yield f"{len(found) - limit:,} more are not shown; --all shows them"


def _difference(one: Difference, limit: int | None) -> Iterator[str]:
    yield f"{one.name} ({one.status})"
    if not one.tables:
        yield "  no rows, only what is known of it"
    for name, rows in one.tables.items():
        for what, numbers in dataclasses.asdict(rows).items():
            if numbers:
                yield f"  {name}: {len(numbers):,} {what}: {_numbers(numbers, limit)}"


def _numbers(numbers: Sequence[int], limit: int | None) -> str:
    shown = numbers if limit is None else numbers[:NUMBERS]
    more = len(numbers) - len(shown)
    return " ".join(f"#{n}" for n in shown) + (f" and {more:,} more" if more else "")


# --- what was done ---


def restored(before: Version, after: Version, which: str, forgot: int) -> Told:
    """Say what a restoration did; `forgot` entries of the older version stay forgotten."""
    document = {
        "version": after.number, "restores": which, "before": before.number, "forgotten": forgot,
    }  # fmt: skip
    left_out = f", but for what was forgotten since ({forgot:,})" if forgot else ""
    if before.number == after.number:
        return document, iter([f"version {after.number} holds what {which} does already{left_out}"])
    line = (
        f"version {after.number} now holds what {which} does{left_out}: {len(after.entries):,} "
        f"entries; version {before.number} is kept"
    )
    return document, iter([line])


def named(number: int, name: str) -> Told:
    """Say that a version has a name."""
    return {"version": number, "name": name}, iter([f"version {number} is called {name}"])


def unnamed(number: int, name: str) -> Told:
    """Say that a name is gone."""
    line = f"version {number} is no longer called {name}, and may be pruned"
    return {"version": number, "name": name}, iter([line])


def pruned(done: Pruned) -> Told:
    """Say what a prune removed."""
    return dataclasses.asdict(done), _pruned(done)


def _pruned(done: Pruned) -> Iterator[str]:
    yield (
        f"removed versions: {done.versions:,}, entries: {done.entries:,}, shards: "
        f"{done.shards:,} ({size(done.size)}); versions left: {done.kept:,}"
    )
    if done.waiting:
        yield f"objects that no version needs, left until the grace is over: {done.waiting:,}"


# --- words ---


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Iterator[str]:
    """Yield `rows` with their columns below each other; those in `right` end together."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def size(count: float) -> str:
    """Say a number of bytes: 12.3 MB."""
    for unit in UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {UNITS[-1]}"


def _moment(told: str) -> str:
    return f"{datetime.fromisoformat(told):%Y-%m-%d %H:%M}"


def _in_words(counts: Mapping[str, int]) -> str:
    order = ("added", "changed", "removed")
    return ", ".join(f"{counts[what]:,} {what}" for what in order if counts.get(what))


def _sum(parts: Any) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            sums[name] = sums.get(name, 0) + count
    return dict(sorted(sums.items()))
