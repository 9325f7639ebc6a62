"""Nodes to HTML for one reader: the only room that writes tags around text, so the one that escapes it."""

from collections.abc import Iterable
from functools import singledispatch
from typing import Final

from markupsafe import Markup, escape

from local.slack.page import dates, emoji
from local.slack.page.mrkdwn import is_followable
from local.slack.page.nodes import (
    Break,
    Broadcast,
    Colour,
    Emoji,
    Grid,
    Group,
    Heading,
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
    Rule,
    Styled,
    Text,
)
from local.slack.page.viewer import Viewer

_LINK: Final = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
_MENTION: Final = Markup('<span class="mention{}"><bdi>{}{}</bdi></span>')
_EMOJI: Final = Markup('<span class="emoji" role="img" aria-label="{0}" title=":{0}:">{1}</span>')
_SWATCH: Final = Markup('<svg class="swatch" aria-hidden="true"><rect fill="{0}"/></svg>{0}')
_TABLE: Final = Markup(
    '<div class="table-scroll" role="region" aria-label="Table" tabindex="0">'
    "<table><thead>{}</thead><tbody>{}</tbody></table></div>"
)
_HEAD: Final = Markup('<th scope="col">{}</th>')
_CELL: Final = Markup("<td>{}</td>")


def typeset(nodes: Iterable[Node], viewer: Viewer) -> Markup:
    """The nodes as HTML; every text in it is escaped, every link is http, https or mailto."""
    return Markup("").join(_html(node, viewer) for node in nodes)


@singledispatch
def _html(node: Node, viewer: Viewer) -> Markup:
    raise TypeError(node, viewer)


@_html.register
def _(node: Text, _viewer: Viewer) -> Markup:
    return escape(node.text)


@_html.register
def _(_node: Break, _viewer: Viewer) -> Markup:
    return Markup("<br>")


@_html.register
def _(node: Styled, viewer: Viewer) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(node.style.value, typeset(node.children, viewer))


@_html.register
def _(node: Link, viewer: Viewer) -> Markup:
    return _link(node.url, typeset(node.children, viewer))


@_html.register
def _(node: Person, viewer: Viewer) -> Markup:
    user = viewer.people.get(node.user_id)
    name = user.real_name if user else node.label or node.user_id
    return _mention("@", name, is_mine=node.user_id == viewer.user.id)


@_html.register
def _(node: Room, viewer: Viewer) -> Markup:
    channel = viewer.channels.get(node.channel_id)
    return _mention("#", channel.name if channel else node.label or node.channel_id, is_mine=False)


@_html.register
def _(node: Group, viewer: Viewer) -> Markup:
    group = viewer.groups.get(node.group_id)
    name = group.handle if group else node.label.removeprefix("@") or node.group_id
    return _mention("@", name, is_mine=group is not None and viewer.user.id in group.users)


@_html.register
def _(node: Broadcast, _viewer: Viewer) -> Markup:
    return _mention("@", node.audience, is_mine=True)


@_html.register
def _(node: Moment, viewer: Viewer) -> Markup:
    spelled = dates.spell(node.format, node.timestamp, viewer.zone, viewer.now)
    if spelled is None:
        return escape(node.fallback)
    at = viewer.at(node.timestamp)
    shown = Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), dates.full(at), spelled)
    return _link(node.url, shown)


@_html.register
def _(node: Emoji, _viewer: Viewer) -> Markup:
    if not emoji.is_known(node.name):
        return Markup(":{}:").format(node.name)
    return _EMOJI.format(node.name, emoji.sign(node.name))


@_html.register
def _(node: Colour, _viewer: Viewer) -> Markup:
    return _SWATCH.format(node.value)


@_html.register
def _(node: Paragraph, viewer: Viewer) -> Markup:
    return Markup("<p>{}</p>").format(typeset(node.children, viewer))


@_html.register
def _(node: Heading, viewer: Viewer) -> Markup:
    # Inside a message a heading is a size of text, not a place in the page's outline.
    return Markup('<p class="h{}">{}</p>').format(node.level, typeset(node.children, viewer))


@_html.register
def _(node: Pre, viewer: Viewer) -> Markup:
    return Markup('<pre tabindex="0">{}</pre>').format(typeset(node.children, viewer))


@_html.register
def _(node: Quote, viewer: Viewer) -> Markup:
    return Markup("<blockquote>{}</blockquote>").format(typeset(node.children, viewer))


@_html.register
def _(node: Items, viewer: Viewer) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(typeset(item, viewer)) for item in node.items)
    if node.is_ordered:
        return Markup('<ol class="indent-{}" start="{}">{}</ol>').format(node.indent, node.start, items)
    return Markup('<ul class="indent-{}">{}</ul>').format(node.indent, items)


@_html.register
def _(node: Grid, viewer: Viewer) -> Markup:
    head, *body = node.rows
    rows = Markup("").join(_row(_CELL, row, viewer) for row in body)
    return _TABLE.format(_row(_HEAD, head, viewer), rows)


@_html.register
def _(_node: Rule, _viewer: Viewer) -> Markup:
    return Markup("<hr>")


def _link(url: str, label: Markup) -> Markup:
    return _LINK.format(url, label or url) if is_followable(url) else label


def _mention(sign: str, name: str, *, is_mine: bool) -> Markup:
    return _MENTION.format(" mine" if is_mine else "", sign, name)


def _row(cell: Markup, cells: Iterable[Nodes], viewer: Viewer) -> Markup:
    return Markup("<tr>{}</tr>").format(Markup("").join(cell.format(typeset(each, viewer)) for each in cells))
