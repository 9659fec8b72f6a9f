"""Small folders of examples, as build_examples leaves them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import builders

from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Context, Example, Problem, Solution, Step, Writer
from codekiln.core.datasets import reference
from codekiln.core.datasets.dataset import Dataset, Entry, Shard
from codekiln.core.storage.objects import open_store

START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = (
    "open",
    "close",
    "read",
    "write",
    "send",
    "find",
    "parse",
    "merge",
    "split",
    "apply",
    "watch",
)


def example(number: int, code: str = "", **told: Any) -> Example:
    """Make an example merged on day `number`; `title`, `details`, `before` and fields by name."""
    texts = {
        name: told.pop(name, default)
        for name, default in (("title", "Fix it"), ("details", "It broke."), ("before", ""))
    }
    steps = told.pop("descriptions", ("Change Open.",))
    known = {
        "id": examples.identity("R_1", number, "store.go", "Open"),
        "repository": "acme/store",
        "repository_id": "R_1",
        "license": "MIT",
        "number": number,
        "commit": f"{number:040x}",
        "merged_at": START + timedelta(days=number),
        "path": "store.go",
        "kind": "declaration",
        "problem": Problem(title=texts["title"], details=texts["details"]),
        "context": Context(path=told.get("path", "store.go"), before=texts["before"]),
        "plan": tuple(
            Step(
                intent="FIX",
                evidence="prefix:fix",
                target_kind="func",
                target_name="Open",
                description=one,
            )
            for one in steps
        ),
        "solution": Solution(
            code=code or function(number),
            syntax="valid",
            syntax_error="",
            go_version="go1.27",
            tests="passed",
        ),
    }
    return Example(**{**known, **told})


def function(number: int, lines: int = 12) -> str:
    """Return a function of Go that is like no other number's."""
    body = [
        f"\tx{number}{place}, err := {WORDS[(number + place) % len(WORDS)]}(ctx, {number * place})"
        for place in range(lines)
    ]
    return "\n".join(
        [f"func F{number}(ctx context.Context) error {{", *body, "\treturn err", "}", ""]
    )


def built(folder: Path, some: Iterable[Example]) -> Path:
    """Write a folder of examples as build_examples leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = written(examples.shard(folder, 0), some)
    return builders.finish(folder, "build_examples", {"examples": rows})


def written(path: Path, some: Iterable[Example]) -> int:
    """Write a file of examples; return how many there are."""
    rows = 0
    with Writer(path) as writer:
        for one in some:
            writer.add(one)
            rows += 1
    return rows


def gathered(folder: Path, corpus: str, shards: Iterable[Sequence[Example]]) -> Path:
    """Make these shards, each of one repository, all of CORPUS/examples; name it in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    dataset = Dataset(open_store(f"{corpus}/examples"))
    tables: dict[str, list[Shard]] = defaultdict(list)
    for some in shards:
        path = folder / "shard.parquet"
        rows, numbers = written(path, some), [one.number for one in some]
        shard = dataset.put(path, rows=rows, first=min(numbers), last=max(numbers))
        tables[some[0].repository_id].append(shard)
        path.unlink()
    head = dataset.head()
    made: dict[str, Entry | None] = dict.fromkeys(head.entries if head else ())
    for key, own in tables.items():
        state = {"name": f"acme/{key.lower()}", "license": "MIT"}
        made[key] = Entry(key, {"examples": own}, state)
    changes = {key: partial(_become, entry) for key, entry in made.items()}
    version = dataset.commit(changes, run="test")
    reference.write(folder, dataset.uri, version, {})
    return builders.finish(folder, "gather_examples", {})


def _become(entry: Entry | None, _: Entry | None) -> Entry | None:
    return entry
