"""Small folders of examples, as build_examples leaves them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import builders

from codekiln.core.corpus import examples
from codekiln.core.corpus.examples import Context, Example, Problem, Solution, Step, Writer

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
    records = list(some)
    with Writer(examples.shard(folder, 0)) as writer:
        for record in records:
            writer.add(record)
    return builders.finish(folder, "build_examples", {"examples": len(records)})
