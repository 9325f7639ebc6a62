"""The chart of a digest as a picture, for a Slack that draws none: stacked bars, a day each."""

import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont

from bot.blocks import chart
from bot.domain.daily import Daily
from bot.domain.severity import Severity

_WIDTH, _HEIGHT = 1120, 480  # twice what Slack shows it at, for sharp screens
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 30, 130, 60
_TICKS = 4
_INK, _FAINT, _PAPER = "#1d1c1d", "#d8dadd", "#ffffff"
_COLOURS: Mapping[Severity, str] = {  # told apart without red and green, and in grey by how dark they are
    Severity.CRITICAL: "#5c1a33",
    Severity.HIGH: "#c43e4f",
    Severity.MEDIUM: "#eaa53c",
    Severity.LOW: "#6fb1d6",
    Severity.INFO: "#c9ced4",
}


def png(shown: Daily) -> BinaryIO:
    """The picture as a PNG, a few kilobytes."""
    shown = shown.from_the_first
    image = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    drawing = ImageDraw.Draw(image)
    drawing.text((_LEFT, 20), chart.TITLE, fill=_INK, font=_font(30))
    _legend(drawing, shown)
    top = _round_up(max(shown.by_day))
    _grid(drawing, top)
    for place, day in enumerate(shown.days):
        _day(drawing, shown, place, top)
        drawing.text((_middle(shown, place), _HEIGHT - 38), chart.label(day), fill=_INK, font=_font(18), anchor="mm")
    content = io.BytesIO()
    image.save(content, "PNG", optimize=True)
    return content


def _legend(drawing: ImageDraw.ImageDraw, shown: Daily) -> None:
    at = float(_LEFT)
    for grade in shown.counts:
        drawing.rectangle((at, 68, at + 20, 88), fill=_COLOURS[grade])
        drawing.text((at + 28, 78), grade.value, fill=_INK, font=_font(20), anchor="lm")
        at += 56 + drawing.textlength(grade.value, font=_font(20))


def _grid(drawing: ImageDraw.ImageDraw, top: int) -> None:
    for tick in _ticks(top):
        y = _y(tick, top)
        drawing.line((_LEFT, y, _WIDTH - _RIGHT, y), fill=_FAINT, width=2)
        drawing.text((_LEFT - 12, y), f"{tick:,}", fill=_INK, font=_font(18), anchor="rm")


def _day(drawing: ImageDraw.ImageDraw, shown: Daily, place: int, top: int) -> None:
    """The mildest at the bottom, the gravest on top; above all of them how many there are."""
    half = _room(shown) * 0.36
    middle, below = _middle(shown, place), 0
    for grade in reversed(list(shown.counts)):
        count = shown.counts[grade][place]
        if count:
            box = (middle - half, _y(below + count, top), middle + half, _y(below, top))
            drawing.rectangle(box, fill=_COLOURS[grade])
        below += count
    if below:
        drawing.text((middle, _y(below, top) - 12), f"{below:,}", fill=_INK, font=_font(18), anchor="mm")


def _ticks(top: int) -> Iterator[int]:
    yield from range(0, top + 1, max(top // _TICKS, 1))


def _round_up(most: int) -> int:
    """A number that four round steps lead up to: 4, 8, 20, 40, 80, 200, ...; counts have no fractions."""
    size = 1
    while True:
        for nice in (1, 2, 5):
            if nice * size * _TICKS >= most:
                return nice * size * _TICKS
        size *= 10


def _y(value: int, top: int) -> float:
    return _HEIGHT - _BOTTOM - value / top * (_HEIGHT - _BOTTOM - _TOP)


def _room(shown: Daily) -> float:
    return (_WIDTH - _LEFT - _RIGHT) / len(shown.days)


def _middle(shown: Daily, place: int) -> float:
    return _LEFT + (place + 0.5) * _room(shown)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
