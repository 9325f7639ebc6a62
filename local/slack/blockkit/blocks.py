"""Layout blocks.

Source: https://docs.slack.dev/reference/block-kit/blocks. Not here, and so refused: ``file`` and
``call``, which apps cannot send. Where documents disagree the stricter word is taken: what passes here
passes there.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from local.slack.blockkit import charts, elements
from local.slack.blockkit.objects import BLOCK_ID, SLACK_FILE, plain, text, texts
from local.slack.blockkit.rich_text import CELLS, RAW_CELLS, RICH_TEXT
from local.slack.blockkit.rules import (
    Problem,
    Rule,
    array,
    at_most_one_of,
    boolean,
    failed,
    integer,
    nullable,
    obj,
    one_of,
    some_of,
    string,
    typed,
    unique,
    url,
    variant,
)
from local.slack.model import Json

TABLE_CHARACTERS = 10_000  # over all cells of a table

_NAMED: Final[Mapping[str, Rule]] = {"block_id": BLOCK_ID}


def _unique_actions(block: Json, at: str) -> Iterator[Problem]:
    """Action ids are unique within their block."""
    ids = [
        (element["action_id"], f"{at}/elements/{index}/action_id")
        for index, element in enumerate(block["elements"])
        if element.get("action_id")
    ]
    yield from unique(ids, "action_id")


def _cell_text(cell: Json) -> str:
    match cell["type"]:
        case "rich_text":
            inline = (leaf for part in cell["elements"] for leaf in _leaves(part))
            return "".join(str(leaf.get("text", "")) for leaf in inline)
        case _:
            return str(cell.get("text") or cell.get("value", ""))


def _leaves(part: Json) -> Iterator[Json]:
    if "elements" not in part:
        yield part
    for child in part.get("elements", ()):
        yield from _leaves(child)


def _within_characters(block: Json, at: str) -> Iterator[Problem]:
    if sum(len(_cell_text(cell)) for row in block["rows"] for cell in row) > TABLE_CHARACTERS:
        yield failed(f"{at}/rows", f"must be less than {TABLE_CHARACTERS + 1} characters over all cells")


def _rectangular(block: Json, at: str) -> Iterator[Problem]:
    width = len(block["rows"][0])
    for index, row in enumerate(block["rows"]):
        if len(row) != width:
            yield failed(f"{at}/rows/{index}", f"must have {width} cells like the first row")


def _collapses(block: Json, at: str) -> Iterator[Problem]:
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        yield failed(f"{at}/default_collapsed", "`default_collapsed` requires `is_collapsible`")


def _plain_header(block: Json, at: str) -> Iterator[Problem]:
    for index, cell in enumerate(block["rows"][0]):
        if cell["type"] not in RAW_CELLS:
            yield failed(f"{at}/rows/0/{index}", "a header cell cannot be rich text")


_COLUMN: Final = obj({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
_ROW: Final = array(typed(CELLS), most=20)
_SOURCE: Final = typed({"url": variant({"url": url(), "text": string(least=1)})})

_TASK_CARD: Final = variant(
    {"task_id": string(least=1), "title": string(least=1)},
    {
        **_NAMED,
        "status": one_of("pending", "in_progress", "complete", "error"),
        "details": typed({"rich_text": RICH_TEXT}),
        "output": typed({"rich_text": RICH_TEXT}),
        "sources": array(_SOURCE),
    },
)
_CARD: Final = variant(
    {},
    {
        **_NAMED,
        "hero_image": typed({"image": elements.IMAGE}),
        "icon": typed({"image": elements.IMAGE}),
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": array(typed(elements.IN_CARD), most=3),
    },
    [some_of("hero_image", "title", "actions", "body")],
)

_COMMON: Final[Mapping[str, Rule]] = {
    "section": variant(
        {},
        {
            **_NAMED,
            "text": text(3000),
            "fields": array(text(2000), most=10),
            "accessory": typed(elements.IN_SECTION),
            "expand": boolean,
        },
        [some_of("text", "fields")],
    ),
    "header": variant({"text": plain(150)}, _NAMED),
    "divider": variant({}, _NAMED),
    "context": variant({"elements": array(typed({"image": elements.IMAGE, **texts(3000)}), most=10)}, _NAMED),
    "actions": variant({"elements": array(typed(elements.IN_ACTIONS), most=25)}, _NAMED, [_unique_actions]),
    "image": variant(
        {"alt_text": string(least=1, most=2000)},
        {**_NAMED, "image_url": url(), "slack_file": SLACK_FILE, "title": plain(2000)},
        [some_of("image_url", "slack_file"), at_most_one_of("image_url", "slack_file")],
    ),
    "input": variant(
        {"label": plain(2000), "element": typed(elements.IN_INPUT)},
        {**_NAMED, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "card": _CARD,
    "video": variant(
        {
            "video_url": url("https"),
            "thumbnail_url": url(),
            "alt_text": string(least=1, most=2000),
            "title": plain(199),
        },
        {
            **_NAMED,
            "title_url": url("https"),
            "author_name": string(most=49),
            "provider_name": string(most=49),
            "provider_icon_url": url(),
            "description": plain(199),
        },
    ),
}
_CAROUSEL: Final = variant({"elements": array(typed({"card": _CARD}), most=10)}, _NAMED)

_TABLE: Final = variant(
    {"rows": array(_ROW, most=100)},
    {**_NAMED, "column_settings": array(nullable(_COLUMN), most=20)},
    [_within_characters],
)
# The documented children that the live validator takes as well; it refuses `rich_text` and `input`.
_IN_CONTAINER: Final[Mapping[str, Rule]] = {
    "table": _TABLE,
    **{name: _COMMON[name] for name in ("actions", "context", "divider", "header", "image", "section", "video")},
}

IN_MESSAGE: Final[Mapping[str, Rule]] = {
    **_COMMON,
    "markdown": variant({"text": string(least=1, most=12_000)}, _NAMED),
    "table": _TABLE,
    "data_table": variant(
        {"caption": string(least=1), "rows": array(_ROW, least=2, most=101)},
        {**_NAMED, "page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
        [_rectangular, _plain_header],
    ),
    "context_actions": variant(
        {"elements": array(typed(elements.IN_CONTEXT_ACTIONS), most=5)}, _NAMED, [_unique_actions]
    ),
    "carousel": _CAROUSEL,
    "container": variant(
        {"child_blocks": array(typed(_IN_CONTAINER), most=10)},
        {
            **_NAMED,
            "title": plain(150),
            "rich_text_title": typed({"rich_text": RICH_TEXT}),
            "subtitle": text(150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": typed({"image": elements.IMAGE}),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        [some_of("title", "rich_text_title"), _collapses],
    ),
    "data_visualization": charts.DATA_VISUALIZATION,
    "task_card": _TASK_CARD,
    "plan": variant(
        {"title": string(least=1)}, {**_NAMED, "tasks": array(typed({"task_card": _TASK_CARD}), most=50)}
    ),
}
IN_MODAL: Final[Mapping[str, Rule]] = {
    **_COMMON,
    "alert": variant(
        {"text": text(200)}, {**_NAMED, "level": one_of("default", "info", "warning", "error", "success")}
    ),
}
IN_HOME: Final[Mapping[str, Rule]] = {**_COMMON, "carousel": _CAROUSEL}
