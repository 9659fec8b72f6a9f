"""Any row on a screen: its columns, one a line, long texts below their names."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from codekiln.peek.screen import COLORS, Screen

CODE = ("context", "code")
"""Columns that hold Go, in what pack_examples writes for people."""
LONG = 100
"""Characters from which a text stands below its name."""


def show(screen: Screen, row: Mapping[str, Any], sections: Collection[str]) -> None:
    """Write one row; `sections` are columns (empty: all)."""
    for name, value in row.items():
        if sections and name not in sections:
            continue
        text = told(value)
        if "\n" in text or len(text) > LONG or name in COLORS:
            screen.heading(name, f"{len(text):,} characters")
            write = screen.code if name in CODE else screen.prose
            write(text.rstrip("\n"), COLORS.get(name, ""))
        else:
            screen.line((f"{name}: ", "dim"), text)


def told(value: object) -> str:
    """Return a value as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str, indent=1 if value else None)
    return "" if value is None else str(value)
