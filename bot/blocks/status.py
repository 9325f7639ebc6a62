"""What `/hunt status` answers: what is running, what is waiting, what comes next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.blocks import rich
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import counted
from bot.domain.hunt import Slug
from bot.domain.run import Run
from bot.domain.schedule import Schedule

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Status:
    """`waiting` messages are on their way to Slack, `broken` ones were given up because their channel is closed."""

    hunts: int
    schedules: Mapping[Slug, Schedule]
    running: tuple[Run, ...]
    waiting: int
    broken: int
    at: datetime


def text(status: Status) -> str:
    broken = f", {counted(status.broken, 'message')} given up" if status.broken else ""
    running, waiting = counted(len(status.running), "run"), counted(status.waiting, "message")
    return f"{counted(status.hunts, 'hunt')} loaded, {running} under way, {waiting} waiting for Slack{broken}."


def blocks(status: Status) -> tuple[Json, ...]:
    return fit(_parts(status))


def _parts(status: Status) -> Iterator[Part]:
    yield Part(rich.section([rich.words(text(status), bold=True)], _given_up(status)))
    if status.running:
        yield Part(rich.bullets(_running(run) for run in status.running[:_SHOWN]), Keep.SHORT)
    if coming := _coming(status):
        yield Part(rich.section([rich.words("Next digests", bold=True)]), Keep.SHORT)
        yield Part(rich.bullets(coming), Keep.SHORT)


def _given_up(status: Status) -> Line:
    if not status.broken:
        return []
    return [rich.words("⚠️ Given up: the channel is archived, gone or closed to huntbot. huntbot doctor names it.")]


def _running(run: Run) -> Line:
    began = run.started_at or run.request.requested_at
    return [rich.value(f"/hunt {run.request.hunt}"), rich.words(f"  {run.state.value} since "), rich.moment(began)]


def _coming(status: Status) -> list[Line]:
    scheduled = [(schedule.next_after(status.at), slug) for slug, schedule in status.schedules.items()]
    return [
        [rich.value(slug), rich.words("  "), rich.moment(at, rich.MINUTES)] for at, slug in sorted(scheduled)[:_SHOWN]
    ]
