"""Exports: the menu that offers a list as a file, and the line for whoever does not get one."""

from bot.blocks import actions, rich
from bot.blocks.rich import Json
from bot.blocks.text import LONG_CAP, escaped, literal
from bot.domain.export import FileFormat
from bot.domain.message import ExportNotice
from bot.domain.queue import Asked
from bot.domain.run import RunId

_WORDS = {FileFormat.CSV: "Export as CSV", FileFormat.NDJSON: "Export as NDJSON"}
_VALUE = 150  # characters of an option's value, https://docs.slack.dev/reference/block-kit/composition-objects


def of_run(run: RunId) -> list[Json]:
    """The menu under a run's answer."""
    return _menu(f"run:{run}")


def of_queue(asked: Asked) -> list[Json]:
    """The menu under a queue; none where its filters are longer than an option carries: `/hunt export` takes them."""
    return _menu(f"queue:{asked.text}")


def notice_text(notice: ExportNotice) -> str:
    return escaped(literal(f"No file of {notice.export.what}: {notice.why}", LONG_CAP))


def notice_blocks(notice: ExportNotice) -> tuple[Json, ...]:
    said = [rich.words("📎 No file of "), rich.value(literal(notice.export.what)), rich.words(": ")]
    return (rich.section([*said, rich.words(literal(notice.why, LONG_CAP))]),)


def _menu(what: str) -> list[Json]:
    options = [{"text": rich.plain(words), "value": f"{file.value}:{what}"} for file, words in _WORDS.items()]
    if any(len(f"{file.value}:{what}") > _VALUE for file in _WORDS):
        return []
    return [{"type": "overflow", "action_id": actions.EXPORT, "options": options}]
