"""A rich_text block as a tree of nodes; its texts are shown as they are, nothing in them is parsed.

Shapes from https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from local.slack.page.nodes import (
    Break,
    Broadcast,
    Colour,
    Emoji,
    Group,
    Items,
    Link,
    Moment,
    Node,
    Nodes,
    Paragraph,
    Person,
    Pre,
    Quote,
    Room,
    Style,
    Styled,
    Text,
)

_Json = Mapping[str, Any]

# Inner to outer; `client_highlight` is what Slack's own clients write for `highlight`.
_STYLES: Final = {
    "code": Style.CODE,
    "bold": Style.BOLD,
    "italic": Style.ITALIC,
    "strike": Style.STRIKE,
    "underline": Style.UNDERLINE,
    "highlight": Style.HIGHLIGHT,
    "client_highlight": Style.HIGHLIGHT,
}


def parse(block: _Json) -> Nodes:
    """The nodes of a rich_text block; an element of an unknown type says so in its place."""
    return tuple(_part(part) for part in block.get("elements", ()))


def _part(part: _Json) -> Node:
    match part.get("type"):
        case "rich_text_section":
            return Paragraph(_inline(part["elements"]))
        case "rich_text_quote":
            return Quote(_inline(part["elements"]))
        case "rich_text_preformatted":
            return Pre(_inline(part["elements"]))
        case "rich_text_list":
            return Items(
                is_ordered=part.get("style") == "ordered",
                items=tuple(_inline(item["elements"]) for item in part["elements"]),
                indent=int(part.get("indent", 0)),
                start=int(part.get("offset", 0)) + 1,
            )
        case unknown:
            return Paragraph((_unknown(unknown),))


def _inline(elements: Sequence[_Json]) -> Nodes:
    return tuple(node for element in elements for node in _styled(element))


def _styled(element: _Json) -> Nodes:
    make = _ELEMENTS.get(str(element.get("type")))
    nodes: Nodes = tuple(make(element)) if make else (_unknown(element.get("type")),)
    wanted = element.get("style") or {}
    for name, style in _STYLES.items():
        if wanted.get(name):
            nodes = (Styled(style, nodes),)
    return nodes


def _unknown(kind: object) -> Node:
    return Styled(Style.ITALIC, (Text(f"[unsupported rich text element: {kind}]"),))


def _text(element: _Json) -> Iterable[Node]:
    for number, line in enumerate(str(element["text"]).split("\n")):
        if number:
            yield Break()
        if line:
            yield Text(line)


def _link(element: _Json) -> Iterable[Node]:
    url = str(element["url"])
    yield Link(url, (Text(str(element.get("text") or url)),))


def _date(element: _Json) -> Iterable[Node]:
    yield Moment(
        int(element["timestamp"]),
        str(element["format"]),
        str(element.get("fallback", "")),
        str(element.get("url", "")),
    )


_ELEMENTS: Final[Mapping[str, Callable[[_Json], Iterable[Node]]]] = {
    "text": _text,
    "link": _link,
    "date": _date,
    "user": lambda element: [Person(str(element["user_id"]))],
    "channel": lambda element: [Room(str(element["channel_id"]))],
    "usergroup": lambda element: [Group(str(element["usergroup_id"]))],
    "broadcast": lambda element: [Broadcast(str(element["range"]))],
    "emoji": lambda element: [Emoji(str(element["name"]))],
    "color": lambda element: [Colour(str(element["value"]))],
}
