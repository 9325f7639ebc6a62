"""Whether the logs speak at all: where nothing arrives, no hits mean nothing.

Beside a run each source that its hunt reads is asked how many events arrived in the window, and when the latest did.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.hunt import Hunt, Window
from bot.domain.query_text import index_patterns, without_comments
from bot.domain.rows import Rows, Value

QUIET_AFTER = timedelta(days=1)  # whoever speaks every day is missed after one
TALKATIVE = 100  # events in a window: whoever had fewer is no wonder when quiet for a day
MOST_SOURCES = 5
MOST_PLACES = 200

_PLAIN_INDEX = re.compile(r"[\w.*:-]+")
_DATASET = re.compile(r'event\.dataset\s*(?:==\s*|in\s*\()(?P<names>"[^"]*"(?:\s*,\s*"[^"]*")*)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spoke:
    """What one account had to say in one region; `latest` is its last event."""

    account: str
    region: str
    events: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """An index pattern, or one dataset in it. `events` is None where the logs could not be asked."""

    index: str
    dataset: str = ""
    events: int | None = None
    latest: datetime | None = None
    places: tuple[Spoke, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether nothing at all arrived."""
        return self.events == 0

    def is_stalled(self, window: Window) -> bool:
        """Whether it spoke, and then no more, for longer than it should have been quiet."""
        return self.latest is not None and self.latest < window.end - QUIET_AFTER

    def with_answer(self, rows: Rows) -> "Source":
        """The same with what the count said."""
        for row in _dicts(rows):
            return Source(self.index, self.dataset, _number(row.get("events")), _instant(row.get("latest")))
        return self

    def with_places(self, rows: Rows) -> "Source":
        """The same with who spoke where."""
        return Source(self.index, self.dataset, self.events, self.latest, tuple(_places(rows)))


@dataclass(frozen=True, slots=True)
class Hush:
    """Somebody who used to speak and does not any more: a whole source, or an account in a region of it."""

    source: Source
    since: datetime | None = None
    account: str = ""
    region: str = ""


def sources_of(hunt: Hunt) -> tuple[Source, ...]:
    """What the hunt reads: each index pattern, or each dataset that its query names."""
    named = [match["names"] for match in _DATASET.finditer(without_comments(hunt.query))]
    datasets = list(dict.fromkeys(name for names in named for name in re.findall(r'"([^"]*)"', names)))
    every = [Source(index, dataset) for index in index_patterns(hunt.query) for dataset in datasets or [""]]
    return tuple(every[:MOST_SOURCES])


def counting(source: Source) -> str:
    """ES|QL for how many events there are and when the latest was; its parameters are bound."""
    return f"{_from(source)} | STATS events = COUNT(*), latest = MAX(@timestamp)"


def counting_places(source: Source) -> str:
    """The same by account and region; an index without these columns refuses it."""
    each = "events = COUNT(*), latest = MAX(@timestamp) BY account = cloud.account.id, region = cloud.region"
    return f"{_from(source)} | STATS {each} | SORT events DESC | LIMIT {MOST_PLACES}"


def parameters_for(source: Source, window: Window) -> Mapping[str, str]:
    return {**window.parameters, **({"dataset": source.dataset} if source.dataset else {})}


def hushed(now: Sequence[Source], before: Sequence[Source], window: Window) -> tuple[Hush, ...]:
    """Who is missed, whole sources first; `before` are the sources as the last digest's run heard them."""
    whole = [source for source in now if source.is_silent or source.is_stalled(window)]
    parts = [source for source in now if source not in whole and source.events is not None]
    earlier = {(source.index, source.dataset): source.places for source in before}
    of_parts = [
        hush for source in parts for hush in _missed(source, earlier.get((source.index, source.dataset), ()), window)
    ]
    return (*(Hush(source, source.latest) for source in whole), *of_parts)


def _missed(source: Source, before: Sequence[Spoke], window: Window) -> Iterator[Hush]:
    if not source.places:  # nobody knows who spoke
        return
    speaks = {(place.account, place.region): place for place in source.places}
    known = {(place.account, place.region): place for place in before} | speaks
    for key, place in known.items():
        heard = speaks.get(key)
        latest = heard.latest if heard else place.latest
        if place.events >= TALKATIVE and latest < window.end - QUIET_AFTER:
            yield Hush(source, latest, *key)


def _from(source: Source) -> str:
    index = source.index if _PLAIN_INDEX.fullmatch(source.index) else f'"{source.index.replace(chr(34), "")}"'
    of_dataset = " AND event.dataset == ?dataset" if source.dataset else ""
    return f"FROM {index} | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend{of_dataset}"


def _places(rows: Rows) -> Iterator[Spoke]:
    for row in _dicts(rows):
        events, latest = _number(row.get("events")), _instant(row.get("latest"))
        if events and latest:
            yield Spoke(str(row.get("account") or ""), str(row.get("region") or ""), events, latest)


def _dicts(rows: Rows) -> Iterator[Mapping[str, Value]]:
    names = [column.name for column in rows.columns]
    return (dict(zip(names, values, strict=True)) for values in rows.values)


def _number(value: Value) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _instant(value: Value) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
