"""Formatted text as a tree: what mrkdwn, rich_text and markdown are all parsed into, and all the page can show."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Style(Enum):
    """An inline style; the value is the HTML element that shows it."""

    BOLD = "b"
    ITALIC = "i"
    STRIKE = "s"
    CODE = "code"
    UNDERLINE = "u"
    HIGHLIGHT = "mark"


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Break:
    """A new line."""


@dataclass(frozen=True, slots=True)
class Styled:
    style: Style
    children: "Nodes"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as somebody wrote it; whoever shows it decides whether the scheme is one to follow."""

    url: str
    children: "Nodes"


@dataclass(frozen=True, slots=True)
class Person:
    """A mention of a user; ``label`` is what the author wrote for those who cannot look it up."""

    user_id: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """A mention of a channel."""

    channel_id: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A mention of a user group."""

    group_id: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """``here``, ``channel`` or ``everyone``."""

    audience: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A date shown in the reader's own zone; ``timestamp`` is in seconds since 1970."""

    timestamp: int
    format: str
    fallback: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Emoji:
    """``name`` is the shortcode without its colons."""

    name: str


@dataclass(frozen=True, slots=True)
class Colour:
    value: str


# --- blocks of text -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paragraph:
    children: "Nodes"


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    children: "Nodes"


@dataclass(frozen=True, slots=True)
class Pre:
    children: "Nodes"


@dataclass(frozen=True, slots=True)
class Quote:
    children: "Nodes"


@dataclass(frozen=True, slots=True)
class Items:
    """A list; ``indent`` counts from 0, ``start`` is the first number of an ordered one."""

    is_ordered: bool
    items: tuple["Nodes", ...]
    indent: int = 0
    start: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of text; the first row is its heading."""

    rows: tuple[tuple["Nodes", ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""


Inline: TypeAlias = Text | Break | Styled | Link | Person | Room | Group | Broadcast | Moment | Emoji | Colour
Block: TypeAlias = Paragraph | Heading | Pre | Quote | Items | Grid | Rule
Node: TypeAlias = Inline | Block
Nodes: TypeAlias = tuple[Node, ...]
