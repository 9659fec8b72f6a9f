"""How a list of records is told: which were asked for, how many there are, how to see more."""

import json
import sys
from argparse import Namespace
from collections.abc import Collection
from datetime import datetime

from codekiln.core.errors import InputError
from codekiln.core.page import words
from codekiln.core.storage.objects import open_store
from codekiln.peek.records import Listed
from codekiln.peek.screen import Screen
from codekiln.peek.shelf import Row

SHOWN = 3
"""Records that are shown unless a number is told."""
HINT = "--sample N, --number N, --repository OWNER/NAME, --where COLUMN=VALUE, --full"


def wanted(told: Namespace, *, has_repository: bool = False) -> dict[str, str]:
    """Return the values that records must have, by column; raises InputError."""
    if told.number is not None and not told.number.isdecimal():
        raise InputError(f"--number {told.number} is no number: give one such as 12")
    asked = {"number": told.number, "id": told.id}
    if has_repository:
        asked["repository"] = told.repository
    for pair in told.where:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InputError(f"--where {pair}: give COLUMN=VALUE, such as intent=FIX")
        asked[name] = value.strip("'\"")
    return {name: value for name, value in asked.items() if value is not None}


FLAGS = ("limit", "sample", "number", "id", "repository", "where", "count", "table", "section")
"""Flags that not every kind has; the rest say how things are shown."""
ASKING = ("tokens", "tokenizer", "text")


def check_flags(told: Namespace, what: str, known: Collection[str]) -> None:
    """Raise InputError for a flag that says nothing of what is there."""
    wrong = [name for name in (*FLAGS, *ASKING) if getattr(told, name) and name not in known]
    if wrong:
        there = ", ".join(f"--{name}" for name in known) or "none of its kind"
        raise InputError(f"--{wrong[0]} says nothing of {what}: leave it out; there is {there}")


def check_sections(asked: Collection[str], known: Collection[str]) -> None:
    """Raise InputError for a section that these records do not have."""
    wrong = [name for name in asked if known and name not in known]
    if wrong:
        raise InputError(f"there is no section {wrong[0]}: give {', '.join(known)}")


def screen_of(told: Namespace) -> Screen:
    """Return where to write."""
    made = Screen(
        sys.stdout,
        width=told.width,
        has_colors=False if told.no_color else None,
        is_whole=told.full,
    )
    if told.tokenizer:
        # Loaded here: who counts no tokens does not wait for it.
        from codekiln.peek import pieces

        made.sentences = pieces.fetched(open_store(told.tokenizer))
    return made


def tell(told: Namespace, listed: Listed) -> None:
    """Write some of the records, what they are and how many there are."""
    rows = [] if told.count else _chosen(told, listed)
    if told.json:
        head = {"path": told.path, "holds": listed.kind.many, "where": listed.where}
        more_ = {"count": listed.total, "tables_beside": list(listed.others), "records": rows}
        write_json({**head, **more_})
        return
    on = screen_of(told)
    kind, total = listed.kind, listed.total
    counted = kind.many if total is None else words.counted(total, kind.one, kind.many)
    beside = f"; beside them (--table): {', '.join(listed.others)}" if listed.others else ""
    on.line((counted, "bold"), f" {listed.where}{beside}")
    for row in rows:
        on.line()
        kind.show(on, row, told.section)
    if not told.count:
        more(on, told, len(rows), total, HINT)


def _chosen(told: Namespace, listed: Listed) -> list[Row]:
    if told.sample:
        return listed.rows.sample(told.sample, told.seed)
    return listed.rows.first(told.limit or SHOWN)


def more(on: Screen, told: Namespace, shown: int, total: int | None, hint: str) -> None:
    """Say how much of all was shown, and how to see the rest."""
    on.line()
    of = "" if total is None else f" of {total:,}"
    drawn = f", drawn with seed {told.seed}" if told.sample else ""
    counting = "" if total is not None else ", --count"
    on.line((f"{shown:,}{of} shown{drawn}; more: --limit N, {hint}{counting}", "dim"))


def write_json(document: object) -> None:
    """Write `document` to standard output, in letters that act on no terminal."""
    sys.stdout.write(json.dumps(document, indent=2, default=_plain) + "\n")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
