"""The one real clock; everything else is handed it, or another."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock that the others take as an argument
