"""Where the strokes of a ``data_visualization`` block go: its numbers as SVG geometry, and the same in words."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_Json = Mapping[str, Any]

WIDTH: Final = 560.0
HEIGHT: Final = 230.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 12.0, 14.0, 26.0
_CHARACTER: Final = 6.4  # about as wide as one is at the size of the labels
_TICKS: Final = 5
_FULL_TURN: Final = 0.999_99  # an arc that ends where it begins is drawn by nobody
_MOST_VALUES_WRITTEN: Final = 16


@dataclass(frozen=True, slots=True)
class Mark:
    """One number as it is drawn: a bar's box or a point's centre, with the words a pointer finds there."""

    x: float
    y: float
    width: float
    height: float
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """One series, or one slice: ``line`` and ``area`` are SVG paths, empty where the kind has none."""

    name: str
    marks: Sequence[Mark]
    line: str = ""
    area: str = ""
    share: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws; ``table`` holds the same numbers, its first row the headings."""

    kind: str
    strokes: Sequence[Stroke]
    rows: Sequence[Label]
    columns: Sequence[Label]
    zero: float
    words: str
    table: Sequence[Sequence[str]]
    writes_values: bool


def draw(block: _Json) -> Chart:
    """The chart of a sound block."""
    chart = block["chart"]
    return _pie(chart) if chart["type"] == "pie" else _drawn(chart)


def number(value: float) -> str:
    """As people write it: no needless decimals, thousands apart."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0")


# --- line, bar and area ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plane:
    """The scales: a value to its height on the page, a category to its middle."""

    low: float
    high: float
    count: int

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)

    def x(self, index: float) -> float:
        return round(_LEFT + (index + 0.5) * self.room, 1)

    @property
    def room(self) -> float:
        """How wide the place of one category is."""
        return (WIDTH - _LEFT - _RIGHT) / self.count


def _drawn(chart: _Json) -> Chart:
    kind, categories = str(chart["type"]), [str(each) for each in chart["axis_config"]["categories"]]
    names = [str(series["name"]) for series in chart["series"]]
    values = [_in_order(series["data"], categories) for series in chart["series"]]
    ticks = _ticks([value for series in values for value in series])
    plane = _Plane(ticks[0], ticks[-1], len(categories))
    place = _STROKES[kind]
    strokes = [
        place(plane, name, categories, series, (at, len(values)))
        for at, (name, series) in enumerate(zip(names, values, strict=True))
    ]
    return Chart(
        kind=kind,
        strokes=strokes,
        rows=[Label(plane.y(tick), number(tick)) for tick in ticks],
        columns=list(_columns(plane, categories)),
        zero=plane.y(0),
        words=_in_words(f"{kind.capitalize()} chart", names, categories, values),
        table=[["", *names], *(_row(category, values, at) for at, category in enumerate(categories))],
        writes_values=kind == "bar" and len(values) * len(categories) <= _MOST_VALUES_WRITTEN,
    )


def _in_order(points: Sequence[_Json], categories: Sequence[str]) -> Sequence[float]:
    by_label = {str(point["label"]): float(point["value"]) for point in points}
    return [by_label.get(category, 0.0) for category in categories]


def _row(category: str, values: Sequence[Sequence[float]], at: int) -> Sequence[str]:
    return [category, *(number(series[at]) for series in values)]


def _ticks(values: Sequence[float]) -> Sequence[float]:
    """Round numbers from below the least to above the most, zero among them."""
    low, high = min(0.0, *values), max(0.0, *values)
    step = _round_up((high - low or 1.0) / (_TICKS - 1))
    first, last = math.floor(low / step), math.ceil(high / step)
    return [step * at for at in range(first, max(last, first + 1) + 1)]


def _round_up(step: float) -> float:
    """To 1, 2 or 5 with zeros behind; counts of things get no fractions."""
    size = 10.0 ** math.floor(math.log10(step))
    rounded = next(size * nice for nice in (1, 2, 5, 10) if size * nice >= step * 0.999)
    return max(rounded, 1.0) if step > 0.2 else rounded  # noqa: PLR2004 - below that they are shares, not counts


def _columns(plane: _Plane, categories: Sequence[str]) -> Iterator[Label]:
    """Every label, or every second, third... where they would run into each other."""
    longest = max(map(len, categories)) * _CHARACTER + 8
    every = math.ceil(longest / plane.room)
    for index, category in enumerate(categories):
        if index % every == 0:
            yield Label(plane.x(index), category)


_Seat = tuple[int, int]  # which series of how many


def _bars(plane: _Plane, name: str, categories: Sequence[str], values: Sequence[float], seat: _Seat) -> Stroke:
    at, of = seat
    width = plane.room * 0.72 / of
    marks = []
    for index, value in enumerate(values):
        top, bottom = sorted((plane.y(value), plane.y(0)))
        left = plane.x(index) - width * of / 2 + width * at
        words = f"{name}, {categories[index]}: {number(value)}"
        marks.append(Mark(round(left, 1), top, round(width, 1), round(bottom - top, 1), number(value), words))
    return Stroke(name, marks)


def _curve(plane: _Plane, name: str, categories: Sequence[str], values: Sequence[float], _seat: _Seat) -> Stroke:
    marks = [
        Mark(plane.x(index), plane.y(value), 0, 0, number(value), f"{name}, {categories[index]}: {number(value)}")
        for index, value in enumerate(values)
    ]
    return Stroke(name, marks, line="M" + " L".join(f"{mark.x} {mark.y}" for mark in marks))


def _field(plane: _Plane, name: str, categories: Sequence[str], values: Sequence[float], seat: _Seat) -> Stroke:
    curve = _curve(plane, name, categories, values, seat)
    first, last = curve.marks[0], curve.marks[-1]
    area = f"{curve.line} L{last.x} {plane.y(0)} L{first.x} {plane.y(0)} Z"
    return Stroke(name, curve.marks, line=curve.line, area=area)


_STROKES: Final[Mapping[str, Callable[[_Plane, str, Sequence[str], Sequence[float], _Seat], Stroke]]] = {
    "bar": _bars,
    "line": _curve,
    "area": _field,
}


# --- pie --------------------------------------------------------------------------------------------------


def _pie(chart: _Json) -> Chart:
    names = [str(segment["label"]) for segment in chart["segments"]]
    values = [float(segment["value"]) for segment in chart["segments"]]
    shares = [value / sum(values) for value in values]
    strokes, turned = [], 0.0
    for name, value, share in zip(names, values, shares, strict=True):
        strokes.append(_slice(name, value, turned, share))
        turned += share
    rows = [[name, number(value), stroke.share] for name, value, stroke in zip(names, values, strokes, strict=True)]
    parts = ", ".join(f"{row[0]} {row[1]} ({row[2]})" for row in rows)
    return Chart(
        kind="pie",
        strokes=strokes,
        rows=(),
        columns=(),
        zero=0,
        words=f"Pie chart: {parts}.",
        table=[["", "Value", "Share"], *rows],
        writes_values=False,
    )


def _slice(name: str, value: float, turned: float, share: float) -> Stroke:
    radius, middle_x, middle_y = HEIGHT / 2 - _TOP, WIDTH / 2, HEIGHT / 2

    def point(turn: float) -> str:
        angle = 2 * math.pi * turn - math.pi / 2
        return f"{middle_x + radius * math.cos(angle):.1f} {middle_y + radius * math.sin(angle):.1f}"

    end = turned + min(share, _FULL_TURN)
    is_long = int(end - turned > 0.5)  # noqa: PLR2004 - half a turn
    arc = f"A{radius} {radius} 0 {is_long} 1 {point(end)}"
    percent = f"{share:.0%}"
    mark = Mark(middle_x, middle_y, 0, 0, number(value), f"{name}: {number(value)} ({percent})")
    return Stroke(name, [mark], area=f"M{middle_x} {middle_y} L{point(turned)} {arc} Z", share=percent)


# --- in words -----------------------------------------------------------------------------------------------


def _in_words(kind: str, names: Sequence[str], categories: Sequence[str], values: Sequence[Sequence[float]]) -> str:
    each = (
        f"{name}: "
        + ", ".join(f"{category} {number(value)}" for category, value in zip(categories, line, strict=True))
        for name, line in zip(names, values, strict=True)
    )
    return f"{kind}. " + "; ".join(each) + "."
