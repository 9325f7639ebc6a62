"""What `/hunt status` answers: what is running, what is waiting, what comes next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.blocks import rich, route
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import counted, literal
from bot.domain.hunt import Slug
from bot.domain.intent import Backlog
from bot.domain.run import Run
from bot.domain.schedule import Schedule

LATE = timedelta(minutes=1)  # a channel takes a message a second: what waits longer stands in a queue

_SHOWN = 10
_HOUR = 60


@dataclass(frozen=True, slots=True)
class Status:
    """`backlog` is how far Slack is behind the store, at `at`."""

    hunts: int
    schedules: Mapping[Slug, Schedule]
    running: tuple[Run, ...]
    backlog: Backlog
    at: datetime


def text(status: Status) -> str:
    running, waiting = counted(len(status.running), "run"), counted(status.backlog.waiting, "message")
    late = f", for {_age(status)}" if _is_late(status) else ""
    shut = f", {counted(len(status.backlog.routes), 'channel')} closed" if status.backlog.routes else ""
    lost = f", {counted(status.backlog.broken, 'message')} given up" if status.backlog.broken else ""
    return (
        f"{counted(status.hunts, 'hunt')} loaded, {running} under way, {waiting} waiting for Slack{late}{shut}{lost}."
    )


def blocks(status: Status) -> tuple[Json, ...]:
    return fit(_parts(status))


def _parts(status: Status) -> Iterator[Part]:
    backlog = status.backlog
    yield Part(
        rich.section([rich.words(text(status), bold=True)], _fault(backlog), _late(status), _given_up(backlog))
    )
    if backlog.routes:
        yield Part(rich.section([rich.words("⚠️ These take no messages", bold=True)]))
        shown = backlog.routes[:_SHOWN]
        yield Part(rich.bullets([route.place(shut.channel), rich.words("  "), *route.told(shut)] for shut in shown))
    if status.running:
        yield Part(rich.bullets(_running(run) for run in status.running[:_SHOWN]), Keep.SHORT)
    if coming := _coming(status):
        yield Part(rich.section([rich.words("Next digests", bold=True)]), Keep.SHORT)
        yield Part(rich.bullets(coming), Keep.SHORT)


def _is_late(status: Status) -> bool:
    return status.backlog.since is not None and status.at - status.backlog.since > LATE


def _age(status: Status) -> str:
    minutes = int((status.at - (status.backlog.since or status.at)).total_seconds() // 60)
    return f"{minutes} min" if minutes < _HOUR else f"{minutes // _HOUR} h {minutes % _HOUR} min"


def _late(status: Status) -> Line:
    if not _is_late(status) or status.backlog.since is None:
        return []
    return [rich.words("⏳ The oldest waits since "), rich.moment(status.backlog.since), rich.words(".")]


def _fault(backlog: Backlog) -> Line:
    if backlog.fault is None:
        return []
    said = "🛑 Slack refuses huntbot's token, nothing goes out until it has a good one: "
    return [rich.words(said, bold=True), rich.value(literal(backlog.fault))]


def _given_up(backlog: Backlog) -> Line:
    if not backlog.broken:
        return []
    return [rich.words("⚠️ Given up: somebody deleted the message or its thread, or its reader is gone from Slack.")]


def _running(run: Run) -> Line:
    began = run.started_at or run.request.requested_at
    return [rich.value(f"/hunt {run.request.hunt}"), rich.words(f"  {run.state.value} since "), rich.moment(began)]


def _coming(status: Status) -> list[Line]:
    scheduled = [(schedule.next_after(status.at), slug) for slug, schedule in status.schedules.items()]
    return [
        [rich.value(slug), rich.words("  "), rich.moment(at, rich.MINUTES)] for at, slug in sorted(scheduled)[:_SHOWN]
    ]
