"""The Home tab: what you hold, what nobody holds, what wakes today, and what could not be looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from bot.blocks import actions, bulk, hush, queue, rich, rows
from bot.blocks.bulk import HuntOf
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import SHORT_CAP, VALUE_CAP, counted, literal
from bot.domain.home import Board
from bot.domain.hunt import Slug, write_duration
from bot.domain.message import Link
from bot.domain.queue import Asked, AsShown, Page, Queued
from bot.domain.run import Run
from bot.domain.severity import Severity
from bot.domain.source import Source
from bot.domain.triage import Queue

OVERVIEW = "overview"
_OPTIONS = 100  # of a static_select
_OPTION = 75  # characters of an option
_BLOCK_ID = 255  # characters, https://docs.slack.dev/reference/block-kit/blocks/actions-block

_QUEUES: Mapping[Queue, str] = {
    Queue.OPEN: "All that is not resolved",
    Queue.MINE: "Held by me",
    Queue.UNTAKEN: "Nobody has it",
    Queue.UNTOUCHED: "Nobody has looked at it",
    Queue.ESCALATED: "Escalated",
    Queue.SNOOZED: "Snoozed",
}
_SEVERITIES: Mapping[Severity | None, str] = {
    None: "Any severity",
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High or worse",
    Severity.MEDIUM: "Medium or worse",
    Severity.LOW: "Low or worse",
}
_AGES: Sequence[timedelta | None] = (None, *(timedelta(days=days) for days in (1, 2, 7, 30)))


def view(board: Board, hunts: Sequence[Slug], hunt_of: HuntOf, links: Sequence[Link] = ()) -> Json:
    return {"type": "home", "blocks": list(fit(_parts(board, hunts, hunt_of, links)))}


def _parts(board: Board, hunts: Sequence[Slug], hunt_of: HuntOf, links: Sequence[Link]) -> Iterator[Part]:
    yield Part(rich.header("Your queue"))
    yield Part(_menus(board.page, hunts))
    yield from _could_not_look(board)
    if board.page is not None:
        yield from _list(board.page, board.listed, board, hunt_of, links)
        return
    yield from _list(Page(Asked(Queue.MINE)), board.mine, board, hunt_of, links)
    yield Part({"type": "divider"}, Keep.LONG)
    yield from _list(Page(Asked(Queue.UNTAKEN)), board.untaken, board, hunt_of, links)
    yield from rows.listed("Snoozes that end today", board.ending, hunt_of, links, queue.sleeps)


def _list(page: Page, queued: Queued, board: Board, hunt_of: HuntOf, links: Sequence[Link]) -> Iterator[Part]:
    yield from queue.listed(page, queued, hunt_of, links)
    shown = AsShown(page.asked, board.at, queued.total)
    turns = queue.turning(page, queued, f"{actions.HOME_CHOOSE}:{page.asked.which.value}")
    if elements := [*turns, *bulk.buttons(shown.value, queued.total, is_more=queued.is_more)]:
        yield Part({"type": "actions", "block_id": f"with:{page.asked.which.value}", "elements": elements})


# --- what is chosen ---------------------------------------------------------------------------------


def _menus(page: Page | None, hunts: Sequence[Slug]) -> Json:
    """Each option carries the whole queue that it leads to: nothing else has to be remembered."""
    asked = page.asked if page else Asked()
    queues = {OVERVIEW: "Overview"} | {_to(replace(asked, which=which)): said for which, said in _QUEUES.items()}
    grades = {_to(replace(asked, severity=grade)): said for grade, said in _SEVERITIES.items()}
    ages = {_to(replace(asked, older=age)): _age(age) for age in _AGES}
    menus = [
        _menu("queue", "Queue", queues, _to(asked) if page else OVERVIEW),
        _menu("severity", "Severity", grades, _to(asked)),
        _menu("age", "Age", ages, _to(asked)),
    ]
    if len(hunts) > 1:
        named = {_to(replace(asked, hunt=None)): "Every hunt"} | {
            _to(replace(asked, hunt=hunt)): hunt for hunt in hunts[: _OPTIONS - 1] if len(hunt) <= _OPTION
        }
        menus.append(_menu("hunt", "Hunt", named, _to(asked)))
    return {"type": "actions", "block_id": _of(page), "elements": menus}


def _of(page: Page | None) -> str:
    """A block of its own for each queue: Slack keeps what was chosen by the block's id, and would show it still."""
    return f"menus:{page.asked.text if page else OVERVIEW}"[:_BLOCK_ID]


def _menu(which: str, label: str, options: Mapping[str, str], chosen: str) -> Json:
    offered = {value: {"text": rich.plain(said, emoji=False), "value": value} for value, said in options.items()}
    initial = {"initial_option": offered[chosen]} if chosen in offered else {}
    return {
        "type": "static_select",
        "action_id": f"{actions.HOME_CHOOSE}:{which}",
        "placeholder": rich.plain(label),
        "options": list(offered.values()),
        **initial,
    }


def _to(asked: Asked) -> str:
    return Page(asked).value


def _age(age: timedelta | None) -> str:
    return "Any age" if age is None else f"Waiting for {write_duration(age)} or longer"


# --- what could not be looked at ----------------------------------------------------------------------


def _could_not_look(board: Board) -> Iterator[Part]:
    """Before the lists: an empty queue is no all-clear while somebody does not look."""
    by_hunt = sorted(board.failed, key=lambda run: run.request.hunt)
    failed = [_failed(list(runs)) for _, runs in groupby(by_hunt, key=lambda run: run.request.hunt)]
    for title, lines in (("⛔ Hunts that failed", failed), ("Silent data sources", _silent(board.silent))):
        if lines:
            shown = lines[: queue.SHOWN]
            heading = [rich.words(title, bold=True), rich.words(f"  {rows.tally(len(shown), len(lines))}")]
            yield Part(rich.section(heading), Keep.LONG)
            yield Part(rich.bullets(shown), Keep.LONG)


def _failed(runs: Sequence[Run]) -> Line:
    """One hunt: how often since yesterday, when last, and why."""
    last = max(runs, key=lambda run: run.id)
    at = [rich.words(", last "), rich.moment(last.finished_at, rich.MINUTES)] if last.finished_at else []
    times = counted(len(runs), "time")
    why = rich.words(f": {literal(last.error or 'no error was given', VALUE_CAP)}")
    return [rich.value(literal(last.request.hunt, SHORT_CAP)), rich.words(f" failed {times} in a day"), *at, why]


def _silent(sources: Sequence[Source]) -> list[Line]:
    return [list(hush.silent_line(source)) for source in sources]
