"""Curves as geometry in percent of a plot; the template draws them as SVG with labels in HTML.

So a curve stretches with the window while its labels keep their size.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence

from codekiln.core.page import words

Point = tuple[float, float]
"""x and y in the units of the data."""

MOST_POINTS = 700
"""A plot is some 700 pixels wide; a longer curve keeps the lowest and highest of each bucket."""

TICKS = 4
FEW = 2
"""So few points are shown as dots, for a line through one point is nothing to see."""

MANY = 60
"""Beyond so many points dots would hide their line."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One curve: its points in order of x, and its looks (a CSS class)."""

    name: str
    points: Sequence[Point]
    style: str
    has_dots: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A label at `at` percent of an axis."""

    at: float
    text: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """A point in percent from the left and the top, with what a pointer over it tells."""

    x: float
    y: float
    text: str


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A drawn series: `path` is the `d` of an SVG path in a box of 100 by 100."""

    name: str
    style: str
    path: str
    dots: list[Dot]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A drawn plot."""

    title: str
    x_title: str
    lines: list[Line]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    mark: Tick | None = None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """A range of values and how they are placed; `log` places equal ratios at equal distances."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return where `value` lies, in percent from the low end."""
        low, high, value = (self._scaled(v) for v in (self.low, self.high, value))
        return round(100 * (value - low) / (high - low), 2) if high > low else 50.0

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.log else value


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a chart is called and how its y axis reads."""

    title: str
    x_title: str
    log: bool = False
    from_zero: bool = False
    show: Callable[[float], str] = words.number


def draw(
    series: Sequence[Series], look: Look, mark: tuple[float, str] | None = None
) -> Chart | None:
    """Draw `series`; `mark` is a vertical line at x with its text. None if there is no point."""
    kept = [dataclasses.replace(one, points=_sane(one.points, look)) for one in series]
    kept = [one for one in kept if one.points]
    if not kept:
        return None
    xs = [x for one in kept for x, _ in one.points]
    ys = [y for one in kept for _, y in one.points]
    x_axis = Axis(low=min(xs), high=max(xs))
    y_axis = _y_axis(ys, look)
    return Chart(
        title=look.title,
        x_title=look.x_title,
        lines=[_line(one, x_axis, y_axis, look) for one in kept],
        x_ticks=[Tick(at=x_axis.at(x), text=words.number(x)) for x in _x_values(x_axis)],
        y_ticks=[Tick(at=100 - y_axis.at(y), text=look.show(y)) for y in _values(y_axis)],
        mark=Tick(at=x_axis.at(mark[0]), text=mark[1]) if mark else None,
    )


def _sane(points: Sequence[Point], look: Look) -> list[Point]:
    """Leave out what cannot be drawn: no number, or none above zero on a log axis."""
    return [
        (x, y)
        for x, y in points
        if math.isfinite(x) and math.isfinite(y) and (y > 0 or not look.log)
    ]


def _y_axis(values: Sequence[float], look: Look) -> Axis:
    """Return an axis over `values` with a little room at both ends."""
    low, high = min(values), max(values)
    if look.log:
        return Axis(low=low / 1.15, high=high * 1.15, log=True)
    if look.from_zero:
        return Axis(low=min(0.0, low), high=high * 1.08 or 1.0)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Axis(low=low - room, high=high + room)


def _line(series: Series, x_axis: Axis, y_axis: Axis, look: Look) -> Line:
    placed = [(x_axis.at(x), round(100 - y_axis.at(y), 2)) for x, y in thinned(series.points)]
    dots = [
        Dot(x=x_axis.at(x), y=100 - y_axis.at(y), text=f"{series.name}: {look.show(y)}")
        for x, y in series.points
    ]
    return Line(
        name=series.name,
        style=series.style,
        path="M" + "L".join(f"{x:g} {y:g}" for x, y in placed),
        dots=dots if len(dots) <= FEW or (series.has_dots and len(dots) <= MANY) else [],
    )


def thinned(points: Sequence[Point]) -> list[Point]:
    """Return at most MOST_POINTS points: of each bucket the lowest and the highest, in order."""
    if len(points) <= MOST_POINTS:
        return list(points)
    width = math.ceil(2 * len(points) / MOST_POINTS)
    kept: list[Point] = []
    for start in range(0, len(points), width):
        bucket = points[start : start + width]
        kept += sorted({min(bucket, key=_height), max(bucket, key=_height)})
    return kept


def _height(point: Point) -> float:
    return point[1]


def _values(axis: Axis) -> list[float]:
    """Return round values along `axis`."""
    if axis.log and axis.high / axis.low > 20:
        return _powers(axis)
    step = _step(axis.high - axis.low)
    first = math.ceil(axis.low / step - 1e-9)
    last = math.floor(axis.high / step + 1e-9)
    return [n * step for n in range(first, last + 1) if n * step > 0 or not axis.log]


def _x_values(axis: Axis) -> list[float]:
    """Return round values along `axis`, its only value if it has one."""
    return _values(axis) if axis.high > axis.low else [axis.low]


def _step(span: float) -> float:
    """Return the round distance (1, 2 or 5 times a power of ten) of about TICKS ticks."""
    raw = span / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= raw)


def _powers(axis: Axis) -> list[float]:
    """Return powers of ten along `axis`, with 3 between them where there are few."""
    low, high = math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high))
    factors = (1, 3) if high - low <= 3 else (1,)
    values = [factor * 10.0**power for power in range(low, high + 1) for factor in factors]
    return [value for value in values if axis.low <= value <= axis.high]
