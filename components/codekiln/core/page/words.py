"""Numbers and texts as a person reads them."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator

_UNITS = ("B", "kB", "MB", "GB", "TB")
_SHORT = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k"))
_SENSOR_UNITS = {"percent": "%", "gib": "GiB", "celsius": "°C"}
_ACRONYMS = ("cpu", "gpu", "ram")
_BARE = ("cpu_percent", "gpu_percent", "gpu_celsius")
_ALONE = {"percent": "load", "celsius": "temperature"}
_PRIVATE = re.compile(r"(://)[^/@\s\"'\\]+@")


def count(value: float) -> str:
    """Return a whole number with commas: 1,234,567."""
    return f"{round(value):,}" if math.isfinite(value) else number(value)


def short(value: float) -> str:
    """Return a number in three digits or so: 355 M, 12.3 k, 940."""
    for unit, name in _SHORT if math.isfinite(value) else ():
        if abs(value) >= unit:
            return f"{value / (1e3 if name == 'k' else unit):.3g} {name}"
    return number(value)


def number(value: float) -> str:
    """Return a number with the digits that matter: 0.000123, 3.42, 12, 1,234."""
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else "infinite"
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-4 else f"{value:.2g}"


def size(value: float) -> str:
    """Return bytes in decimal units: 1.2 MB."""
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"


def duration(seconds: float) -> str:
    """Return seconds in the two units that matter: 4.2 s, 3 min 12 s, 2 h 5 min, 3 d 4 h."""
    if not math.isfinite(seconds):
        return number(seconds)
    if 0 < seconds < 0.1:
        return "< 0.1 s"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24:,} d {hours % 24} h"


def percent(part: float, whole: float) -> str:
    """Return `part` as a share of `whole`."""
    return f"{100 * part / whole:.1f} %" if whole else "none"


def dollars(value: float) -> str:
    """Return an amount of US dollars."""
    return f"${value:,.2f}"


def counted(value: int, one: str, many: str) -> str:
    """Return a count with its noun: 1 merge, 3,103 merges."""
    return f"{count(value)} {one if value == 1 else many}"


def name_of(key: str) -> str:
    """Return the name of a field as words: `texts_per_second` becomes `texts per second`."""
    return key.replace("_", " ")


def sensor(key: str) -> str:
    """Return the name of a hardware reading, its unit left out: `gpu_memory_gib` is GPU memory."""
    parts = key.split("_")
    parts = parts[:-1] if parts[-1] in _SENSOR_UNITS else parts
    name = " ".join(part.upper() if part in _ACRONYMS else part for part in parts)
    return f"{name} {_ALONE[key.rsplit('_', 1)[-1]]}" if key in _BARE else name


def unit(key: str) -> str:
    """Return the unit with which the name of a hardware reading ends."""
    return _SENSOR_UNITS.get(key.rsplit("_", 1)[-1], "")


def safe(text: object) -> str:
    """Return `text` without what a page cannot show or what would turn its reading direction.

    Markup in it is the template's concern, which escapes whatever it is given.
    """
    told = str(text).expandtabs(4).encode("utf-8", "replace").decode()
    kept = (char for char in told if char == "\n" or unicodedata.category(char) not in _DROP)
    return "".join(_unpiled(kept))


_DROP = ("Cc", "Cf", "Cs", "Zl", "Zp")
_MARKS = 3
"""Combining marks that a letter keeps; a pile of them covers the lines above and below."""


def _unpiled(chars: Iterable[str]) -> Iterator[str]:
    run = 0
    for char in chars:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run <= _MARKS:
            yield char


def public(text: str) -> str:
    """Return a path or URL without the password that may stand in it."""
    return _PRIVATE.sub(r"\1", text)


def title(repository: str) -> str:
    """Return what people call a repository: the last part of its path or URL."""
    last = public(repository).rstrip("/").removesuffix("/.git").removesuffix(".git")
    return re.split(r"[/:\\]", last)[-1] or "repository"
