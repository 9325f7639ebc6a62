"""The window that somebody types: what is understood, what is missing, what contradicts."""

from datetime import UTC, datetime, timedelta

import pytest

from app.window import AskedWindow
from bot.domain.hunt import Window
from bot.errors import BadArgument

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
USUAL = timedelta(days=7)


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "start", "end", "window"),
    [
        (None, None, None, Window(at(1, 12), NOW)),
        ("24h", None, None, Window(at(7, 12), NOW)),
        (None, "2026-03-02", None, Window(at(2), NOW)),
        (None, None, "2026-03-08", Window(at(1), at(8))),
        (None, "2026-03-02T10:00:00+02:00", "2026-03-03T00:00Z", Window(at(2, 8), at(3))),
    ],
)
def test_a_window_is_read(since: str | None, start: str | None, end: str | None, window: Window) -> None:
    assert AskedWindow.read(since, start, end).over(NOW, USUAL) == window


@pytest.mark.parametrize(
    ("since", "start", "end", "says"),
    [
        ("soon", None, None, "--since soon: write a length of time"),
        ("7d", "2026-03-01", None, "--since: counts back from now"),
        (None, "yesterday", None, "--from yesterday: write ISO 8601"),
        (None, None, "03/08/2026", "--to 03/08/2026: write ISO 8601"),
        (None, "2026-03-05", "2026-03-05", "--from: must be earlier than --to"),
        (None, "2027-01-01", None, "--from: lies in the future"),
    ],
)
def test_a_bad_window_is_named(since: str | None, start: str | None, end: str | None, says: str) -> None:
    with pytest.raises(BadArgument) as refused:
        AskedWindow.read(since, start, end).over(NOW, USUAL)
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize(
    ("since", "start", "is_open"), [(None, None, True), ("7d", None, False), (None, "2026-03-01", False)]
)
def test_it_knows_whether_anything_was_asked(since: str | None, start: str | None, is_open: bool) -> None:
    assert AskedWindow.read(since, start, None).is_open is is_open
