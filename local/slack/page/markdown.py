"""A markdown block (standard Markdown, as Slack takes it) as a tree of nodes.

What it may hold: https://docs.slack.dev/reference/block-kit/blocks/markdown-block. Raw HTML is text, an
image is a link to it, and Slack's own ``<...>`` mentions are live inside, as they are on Slack.
"""

from collections.abc import Callable, Mapping
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from local.slack.page import mrkdwn
from local.slack.page.nodes import (
    Break,
    Grid,
    Heading,
    Items,
    Link,
    Node,
    Nodes,
    Paragraph,
    Pre,
    Quote,
    Rule,
    Style,
    Styled,
    Text,
)


def parse(text: str) -> Nodes:
    """The nodes of a markdown text."""
    # Without these rules entities and `<...>` stay text, in which mrkdwn then finds its own.
    parser = (
        MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["autolink", "entity"])
    )
    return _children(SyntaxTreeNode(parser.parse(text)))


def _children(node: SyntaxTreeNode) -> Nodes:
    return tuple(made for child in node.children for made in _nodes(child))


def _nodes(node: SyntaxTreeNode) -> Nodes:
    return _NODES.get(node.type, _children)(node)


def _styled(style: Style) -> Callable[[SyntaxTreeNode], Nodes]:
    return lambda node: (Styled(style, _children(node)),)


def _link(node: SyntaxTreeNode) -> Nodes:
    return (Link(str(node.attrs.get("href", "")), _children(node)),)


def _image(node: SyntaxTreeNode) -> Nodes:
    return (Link(str(node.attrs.get("src", "")), (Text(node.content or "image"),)),)


def _items(node: SyntaxTreeNode) -> Nodes:
    start = node.attrs.get("start", 1)
    items = tuple(_tight(_children(item)) for item in node.children)
    return (Items(node.type == "ordered_list", items, start=int(start)),)


def _tight(nodes: Nodes) -> Nodes:
    """A list item of one paragraph needs no paragraph around it."""
    first, *rest = nodes or (Text(""),)
    return (*first.children, *rest) if isinstance(first, Paragraph) else nodes


def _grid(node: SyntaxTreeNode) -> Nodes:
    rows = [row for part in node.children for row in part.children]
    return (Grid(tuple(tuple(_children(cell) for cell in row.children) for row in rows)),)


def _literal(node: SyntaxTreeNode) -> tuple[Node]:
    return (Text(node.content.removesuffix("\n")),)


_NODES: Final[Mapping[str, Callable[[SyntaxTreeNode], Nodes]]] = {
    "paragraph": lambda node: (Paragraph(_children(node)),),
    "heading": lambda node: (Heading(int(node.tag.removeprefix("h")), _children(node)),),
    "blockquote": lambda node: (Quote(_children(node)),),
    "bullet_list": _items,
    "ordered_list": _items,
    "table": _grid,
    "hr": lambda _: (Rule(),),
    "fence": lambda node: (Pre(_literal(node)),),
    "code_block": lambda node: (Pre(_literal(node)),),
    "text": lambda node: mrkdwn.parse_inline(node.content),
    "softbreak": lambda _: (Break(),),
    "hardbreak": lambda _: (Break(),),
    "code_inline": lambda node: (Styled(Style.CODE, _literal(node)),),
    "strong": _styled(Style.BOLD),
    "em": _styled(Style.ITALIC),
    "s": _styled(Style.STRIKE),
    "link": _link,
    "image": _image,
}
