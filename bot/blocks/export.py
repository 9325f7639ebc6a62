"""Exports: the menus that offer a file, and the line for whoever does not get one."""

from bot.blocks import actions, rich
from bot.blocks.rich import Json
from bot.blocks.text import LONG_CAP, escaped, literal
from bot.domain.export import FileFormat
from bot.domain.message import ExportNotice
from bot.domain.run import RunId

_WORDS = {FileFormat.CSV: "Export as CSV", FileFormat.NDJSON: "Export as NDJSON"}


def of_run(run: RunId) -> Json:
    """A menu for the answer of a run; the value is `csv:7`."""
    options = [{"text": rich.plain(words), "value": f"{file.value}:{run}"} for file, words in _WORDS.items()]
    return {"type": "overflow", "action_id": actions.EXPORT_RUN, "options": options}


def of_queue(asked: str) -> list[Json]:
    """A button for each kind of file, for a queue as it was asked for."""
    return [
        {
            "type": "button",
            "action_id": f"{actions.EXPORT_QUEUE}:{file.value}",
            "text": rich.plain(words),
            "value": asked,
        }
        for file, words in _WORDS.items()
    ]


def notice_text(notice: ExportNotice) -> str:
    return escaped(literal(f"No file of {notice.export.what}: {notice.why}", LONG_CAP))


def notice_blocks(notice: ExportNotice) -> tuple[Json, ...]:
    said = [rich.words("📎 No file of "), rich.value(literal(notice.export.what)), rich.words(": ")]
    return (rich.section([*said, rich.words(literal(notice.why, LONG_CAP))]),)
