"""The window that somebody asked for in the terminal: `--since`, `--from`, `--to`, or none of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.hunt import Window, parse_duration
from bot.domain.lines import iso
from bot.errors import BadArgument

ALWAYS = Window(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
"""All of the logs, whenever they are from."""


def said(window: Window) -> str:
    """The window for people."""
    return "all of these logs" if window == ALWAYS else f"{iso(window.start)} to {iso(window.end)}"


def as_object(window: Window) -> dict[str, str | None]:
    """The window for programs; null on both sides where it has no end."""
    start, end = (None, None) if window == ALWAYS else (iso(window.start), iso(window.end))
    return {"from": start, "to": end}


@dataclass(frozen=True, slots=True)
class AskedWindow:
    """Read once: a length back from now, or two instants of which one may be missing."""

    since: timedelta | None = None
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def read(cls, since: str | None, start: str | None, end: str | None) -> "AskedWindow":
        """The options as typed.

        Raises:
            BadArgument: one is not understood, or they contradict each other.
        """
        if since is not None and (start is not None or end is not None):
            raise BadArgument("--since", "counts back from now; give it, or --from and --to, not both")
        asked = cls(_length(since), _instant("--from", start), _instant("--to", end))
        if asked.start and asked.end and asked.start >= asked.end:
            raise BadArgument("--from", "must be earlier than --to")
        return asked

    @property
    def is_open(self) -> bool:
        """Whether nothing was asked for."""
        return self == AskedWindow()

    def over(self, now: datetime, usual: timedelta) -> Window:
        """The window; what is missing is `usual` long, or ends now.

        Raises:
            BadArgument: --from lies in the future, with no --to.
        """
        if self.since is not None:
            return Window.back_from(now, self.since)
        end = self.end or now
        start = self.start or end - usual
        if start >= end:
            raise BadArgument("--from", "lies in the future")
        return Window(start, end)


def _length(text: str | None) -> timedelta | None:
    try:
        return None if text is None else parse_duration(text)
    except BadArgument as fault:
        raise BadArgument(f"--since {text}", fault.cure) from fault


def _instant(option: str, text: str | None) -> datetime | None:
    return None if text is None else read_instant(option, text)


def read_instant(option: str, text: str) -> datetime:
    """An ISO 8601 instant, aware, in UTC; UTC is meant where it names no zone.

    Raises:
        BadArgument: it is not one.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as fault:
        raise BadArgument(f"{option} {text}", "write ISO 8601, such as 2026-03-01T09:00:00Z") from fault
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
