"""The top-level unit (crate, module, package) that a file belongs to."""

from collections.abc import Iterable
from functools import lru_cache

ROOT = "."
"""The unit of files in the top folder."""

WORKSPACES = frozenset([
    "apps", "bundles", "cmd", "components", "crates", "extensions", "internal", "lib", "libs",
    "modules", "packages", "pkg", "plugins", "projects", "services", "source", "src",
    "staging", "tools",
])  # fmt: skip
"""Folders that hold units side by side, by the habits of Cargo, Go, npm, Maven and Python."""


@lru_cache(maxsize=1 << 14)
def unit_of(path: str) -> str:
    """Return the unit of `path`: its first folder, or two where the first holds many units."""
    first, slash, rest = path.partition("/")
    if not slash:
        return ROOT
    second, deeper, _ = rest.partition("/")
    return f"{first}/{second}" if deeper and first in WORKSPACES else first


def count(paths: Iterable[str]) -> list[tuple[str, int]]:
    """Return each unit and how many of `paths` are in it, the fullest first, then by name."""
    counted: dict[str, int] = {}
    for path in paths:
        unit = unit_of(path)
        counted[unit] = counted.get(unit, 0) + 1
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))
