"""Rich text: sections, lists, quotes and code with their inline elements; raw cells of tables.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Mapping
from typing import Final

from local.slack.blockkit.objects import BLOCK_ID
from local.slack.blockkit.rules import Rule, array, boolean, integer, number, obj, one_of, string, typed, url, variant

_STYLE: Final = obj({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_MENTION_STYLE: Final = obj(
    {}, dict.fromkeys(("bold", "italic", "strike", "highlight", "client_highlight", "unlink"), boolean)
)
_ID: Final = string(least=1)

_TEXT: Final = variant({"text": string(least=1)}, {"style": _STYLE})
_LINK: Final = variant(
    {"url": url("http", "https", "mailto", "slack")},
    {"text": string(), "unsafe": boolean, "style": _STYLE},
)
_INLINE: Final[Mapping[str, Rule]] = {
    "text": _TEXT,
    "link": _LINK,
    "user": variant({"user_id": _ID}, {"style": _MENTION_STYLE}),
    "usergroup": variant({"usergroup_id": _ID}, {"style": _MENTION_STYLE}),
    "channel": variant({"channel_id": _ID}, {"style": _MENTION_STYLE}),
    "broadcast": variant({"range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
    "emoji": variant({"name": _ID}, {"unicode": string(), "skin_tone": integer(1, 6), "style": _STYLE}),
    "date": variant(
        {"timestamp": integer(0, 2**40), "format": string(least=1)},
        {"url": url(), "fallback": string(), "style": _STYLE},
    ),
    "color": variant({"value": string(least=1)}),
}
_BORDER: Final[Mapping[str, Rule]] = {"border": integer(0, 1)}
_SECTION: Final = variant({"elements": array(typed(_INLINE), least=0)})
_PARTS: Final[Mapping[str, Rule]] = {
    "rich_text_section": _SECTION,
    "rich_text_list": variant(
        {"style": one_of("bullet", "ordered"), "elements": array(typed({"rich_text_section": _SECTION}))},
        {"indent": integer(0, 8), "offset": integer(0, 2**31), **_BORDER},
    ),
    "rich_text_preformatted": variant(
        {"elements": array(typed({"text": _TEXT, "link": _LINK}))}, {"language": string(least=1), **_BORDER}
    ),
    "rich_text_quote": variant({"elements": array(typed(_INLINE))}, _BORDER),
}

RICH_TEXT: Final = variant({"elements": array(typed(_PARTS))}, {"block_id": BLOCK_ID})

RAW_CELLS: Final[Mapping[str, Rule]] = {
    "raw_text": variant({"text": string(least=1)}),
    "raw_number": variant({"value": number}, {"text": string(least=1)}),
}
CELLS: Final[Mapping[str, Rule]] = {**RAW_CELLS, "rich_text": RICH_TEXT}
