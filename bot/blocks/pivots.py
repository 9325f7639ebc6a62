"""Pivots: the buttons that ask around a finding, and the answer in its thread, as a table where one fits."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.blocks import actions, facts, rich
from bot.blocks.limits import Keep, Part, characters, fit
from bot.blocks.rich import Json, Line
from bot.blocks.rows import tally
from bot.blocks.text import LONG_CAP, SHORT_CAP, escaped, literal, spoken, trimmed
from bot.domain.finding import Finding
from bot.domain.hit import shown
from bot.domain.hunt import Hunt
from bot.domain.message import PivotReply
from bot.domain.pivot import Answered, Pivot, bind
from bot.domain.rows import Column, Value
from bot.domain.run import Run, RunState
from bot.domain.secrets import is_secret_name, masked_text

LABEL = 75  # https://docs.slack.dev/reference/block-kit/block-elements/button-element
SHOWN = 10  # rows: what a thread shows without scrolling for long
TABLE_COLUMNS = 20  # https://docs.slack.dev/reference/block-kit/blocks/table-block
TABLE_CHARACTERS = 6_000  # of the 10,000 that a table takes, and of the 11,000 that a message has
LIST_CHARACTERS = 9_000

Row = tuple[Value, ...]

_NOTHING = "—"  # a cell may not be empty


def buttons(finding: Finding, hunt: Hunt) -> tuple[Json, ...]:
    """A button for each pivot that can be asked; of the others, which column is missing."""
    offered: list[Json] = []
    lines: list[Line] = []
    for number, pivot in enumerate(hunt.pivots):
        _, missing = bind(pivot, finding.face.columns)
        if missing:
            lines.append([rich.words(f"{literal(pivot.name)}: this finding has no single {', '.join(missing)}.")])
            continue
        offered.append(
            {
                "type": "button",
                "text": rich.plain(_name_of(pivot), emoji=False),
                "action_id": f"{actions.PIVOT}:{number}",
                "value": f"{pivot.key}:{finding.id}",
                "accessibility_label": f"{finding.ref}: {_name_of(pivot)}"[:LABEL],
            }
        )
    if not hunt.pivots:
        return ()
    heading = [rich.words("Ask around it", bold=True), rich.words("  the answer comes in the thread")]
    row: tuple[Json, ...] = ({"type": "actions", "elements": offered},) if offered else ()
    return (rich.section(heading if offered else heading[:1], *lines), *row)


def asked(ref: str, *, is_new: bool) -> Json:
    """What stands upon the Details modal once a pivot was asked."""
    said = "is asked of the logs" if is_new else "is being asked of the logs already"
    sentence = f"That {said}. The answer comes in the thread of {ref}."
    return {
        "type": "modal",
        "title": rich.plain(f"{ref}: asked"[:24]),
        "close": rich.plain("Close"),
        "blocks": [rich.section([rich.words(sentence)])],
    }


def blocks(reply: PivotReply) -> tuple[Json, ...]:
    return fit(_parts(reply))


def text(reply: PivotReply) -> str:
    """One sentence for a lock screen, safe where Slack parses it."""
    what, run = f"{reply.finding.ref}, {escaped(_name(reply.run))}", reply.run
    if not run.is_over:
        return f"{what}: asking the logs…"
    if run.state is RunState.FAILED:
        return f"{what}: the logs did not say. {escaped(literal(run.error or 'No error was given.', LONG_CAP))}"
    if run.answer is None:
        return f"{what}: this answer is kept no longer."
    return f"{what}: {_count(run.answer)}."


def _parts(reply: PivotReply) -> Iterator[Part]:
    run = reply.run
    title: Line = [rich.words(f"{reply.finding.ref}  ", bold=True), rich.words(_name(run), bold=True)]
    if not run.is_over:
        looking: Line = [rich.words("🔎 Asking the logs… This message becomes the answer.", italic=True)]
        yield Part(rich.section(title, looking))
    elif run.state is RunState.FAILED:
        failed: Line = [rich.words("⛔ The logs did not say: ", bold=True), rich.words(_error(run))]
        yield Part(rich.section(title, failed, [rich.words("Press it again in Details to try once more.")]))
    elif run.answer is None:
        yield Part(rich.section(title, [rich.words("This answer is kept no longer. Ask again in Details.")]))
    else:
        yield Part(rich.section(title, *_what_came(reply, run.answer), *_searched(run, reply.finding.face.at)))
        yield from _rows(run.answer)


def _what_came(reply: PivotReply, answer: Answered) -> Sequence[Line]:
    if answer.total:
        return [[rich.words(_count(answer))]]
    empty: Line = [rich.words("No such event in these logs.", bold=True)]
    return [empty, rich.marked(literal(reply.nothing, LONG_CAP))] if reply.nothing else [empty]


def _count(answer: Answered) -> str:
    if not answer.total:
        return "no such event in these logs"
    return tally(min(len(answer.rows), SHOWN), answer.total, is_more=answer.is_more)


def _rows(answer: Answered) -> Iterator[Part]:
    rows = answer.rows[:SHOWN]
    if not rows:
        return
    table = _table(*_filled(answer.columns, rows))
    if len(table["rows"][0]) <= TABLE_COLUMNS and characters(table) <= TABLE_CHARACTERS:
        yield Part(table, Keep.LONG)
        return
    room = LIST_CHARACTERS
    for row in rows:
        line = rich.bullets([list(_spelt(answer.columns, row))])
        room -= characters(line)
        if room < 0:
            yield Part(rich.section([rich.words("The rest of the rows is too long for one message.", italic=True)]))
            return
        yield Part(line, Keep.SHORT)


def _filled(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[Sequence[Column], Sequence[Row]]:
    """Without the columns that hold nothing in any row: a thread is narrow."""
    told = [at for at, column in enumerate(columns) if any(_told(column, row[at]) for row in rows)] or [0]
    return [columns[at] for at in told], [tuple(row[at] for at in told) for row in rows]


def _table(columns: Sequence[Column], rows: Sequence[Row]) -> dict[str, Any]:
    """Cells of rich text, which Slack never parses; a time in the viewer's own zone."""
    head = [{"type": "raw_text", "text": _label(column)} for column in columns]
    body = [[_cell(column, value) for column, value in zip(columns, row, strict=True)] for row in rows]
    settings = [{"is_wrapped": True}] * len(columns)
    return {"type": "table", "column_settings": settings, "rows": [head, *body]}


def _cell(column: Column, value: Value) -> Json:
    return rich.section([_told(column, value) or rich.words(_NOTHING)])


def _spelt(columns: Sequence[Column], row: Row) -> Iterator[Json]:
    """`When … · Call … · From …`, what holds nothing left out."""
    told = [
        (column, element) for column, value in zip(columns, row, strict=True) if (element := _told(column, value))
    ]
    for number, (column, element) in enumerate(told):
        yield rich.words(f"{' · ' if number else ''}{_label(column)} ")
        yield element


def _told(column: Column, value: Value) -> Json | None:
    if value is None or value == "":
        return None
    if is_secret_name(column.name):
        return rich.value("present")
    moment = _moment(value) if column.is_time else None
    return rich.moment(moment) if moment else rich.value(literal(masked_text(shown(value) or ""), SHORT_CAP))


def _moment(value: Value) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _label(column: Column) -> str:
    return "When" if column.name == "@timestamp" else trimmed(facts.label(column.name), SHORT_CAP) or _NOTHING


def _searched(run: Run, event: datetime) -> Iterator[Line]:
    """Over which time; where it had not all passed when it was asked, that what came later is not in the answer."""
    if run.window is None:
        return
    asked = run.started_at or run.window.end
    start, end = run.window.start, min(run.window.end, asked)
    by = [rich.words(", asked by "), rich.person(run.request.by)] if run.request.by else []
    moments = [rich.moment(start, rich.MINUTES), rich.words(" to "), rich.moment(end, rich.MINUTES)]
    yield [rich.words("Searched "), *moments, *by]
    if run.window.end >= asked:
        after = f"That is until it was asked, {spoken(asked - event)} after the event: what comes later is not in it."
        yield [rich.words(after, italic=True)]


def _name_of(pivot: Pivot) -> str:
    """What its button is called: as long as a label may be, though a spelling at its end is cut."""
    return literal(pivot.name, LABEL)[:LABEL]


def _error(run: Run) -> str:
    return literal(run.error or "no error was given", LONG_CAP)


def _name(run: Run) -> str:
    return literal(run.request.pivot or "", SHORT_CAP)
