"""Slack's mrkdwn as a tree of nodes.

Rules from https://docs.slack.dev/messaging/formatting-message-text: ``&``, ``<`` and ``>`` arrive as
entities; ``<...>`` is a link, a mention or a date; ``*_~`` style within one line and only at word
edges; a fence may span lines; a line that begins with ``>`` is quoted, ``>>>`` quotes all that follows.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, TypeAlias

from local.slack.page import emoji
from local.slack.page.nodes import (
    Break,
    Broadcast,
    Emoji,
    Group,
    Link,
    Moment,
    Node,
    Nodes,
    Person,
    Pre,
    Quote,
    Room,
    Style,
    Styled,
    Text,
)

_Token: TypeAlias = str | Node
"""One character that may still mean something, or a node that is settled."""

_MARKS: Final = {"*": Style.BOLD, "_": Style.ITALIC, "~": Style.STRIKE}
_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_AUDIENCES: Final = frozenset({"here", "channel", "everyone"})

_FENCE: Final = re.compile(r"```(.+?)```", re.DOTALL)
_QUOTED: Final = re.compile(r"(?:>|&gt;) ?")
_QUOTED_REST: Final = re.compile(r"(?:>|&gt;){3} ?")
_ATOM: Final = re.compile(
    r"""
      <(?P<control>[^<>\n]+)>
    | `(?P<code>[^`\n]+)`
    | (?P<entity>&(?:amp|lt|gt);)
    | :(?P<emoji>[a-z0-9_+'-]+(?:::skin-tone-[2-6])?):
    | (?P<url>https?://(?:&amp;|[^\s<>|`&])+)
    """,
    re.VERBOSE,
)
_CONTROL_ONLY: Final = re.compile(r"<(?P<control>[^<>\n]+)>|(?P<entity>&(?:amp|lt|gt);)")
_DATE: Final = re.compile(r"!date\^(?P<timestamp>-?\d{1,15})\^(?P<format>[^^]*)(?:\^(?P<url>.*))?")
_TRAILING: Final = re.compile(r"[.,;:!?'\")\]*_~]+$")
_SCHEME: Final = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def parse(text: str, *, verbatim: bool = False) -> Nodes:
    """The tree of a mrkdwn text; ``verbatim`` leaves bare addresses alone, as Slack's flag does."""
    nodes: list[Node] = []
    end = 0
    for fence in _FENCE.finditer(text):
        nodes += _lines(text[end : fence.start()].removesuffix("\n"), verbatim=verbatim)
        nodes.append(Pre(_controls(fence[1].removeprefix("\n").removesuffix("\n"))))
        end = fence.end()
        if text.startswith("\n", end):
            end += 1
    return (*nodes, *_lines(text[end:], verbatim=verbatim))


def parse_plain(text: str, *, with_emoji: bool = True) -> Nodes:
    """The tree of a plain_text: entities and shortcodes only (Slack stores plain text escaped, too)."""
    pattern = re.compile(r"(?P<entity>&(?:amp|lt|gt);)" + (r"|:(?P<emoji>[a-z0-9_+'-]+):" if with_emoji else ""))
    lines = [_joined(_tokens(line, pattern)) for line in text.split("\n")]
    return _broken(lines)


def parse_inline(text: str) -> Nodes:
    """The tree of a text whose styles somebody else parsed: mentions, links, dates and emoji only."""
    return _joined(_tokens(text, _ATOM))


def unescape(text: str) -> str:
    """The text behind Slack's three entities, each decoded once."""
    return re.sub("&(?:amp|lt|gt);", lambda found: _ENTITIES[found[0]], text)


def is_followable(url: str) -> bool:
    """Whether an address may become a link: http, https and mailto only."""
    return _SCHEME.match(url) is not None


# --- lines -----------------------------------------------------------------------------------------


def _lines(text: str, *, verbatim: bool) -> Iterator[Node]:
    if not text:
        return
    for is_quote, lines in groupby(_marked(text.split("\n")), key=itemgetter(0)):
        inner = _broken([_inline(line, verbatim=verbatim) for _, line in lines])
        if is_quote:
            yield Quote(inner)
        else:
            yield from inner


def _marked(lines: Sequence[str]) -> Iterator[tuple[bool, str]]:
    """Each line with whether it is quoted, its mark taken off."""
    is_rest_quoted = False
    for line in lines:
        if found := _QUOTED_REST.match(line):
            is_rest_quoted = True
            yield True, line[found.end() :]
        elif is_rest_quoted:
            yield True, line
        elif found := _QUOTED.match(line):
            yield True, line[found.end() :]
        else:
            yield False, line


def _broken(lines: Sequence[Nodes]) -> Nodes:
    nodes: list[Node] = []
    for number, line in enumerate(lines):
        if number:
            nodes.append(Break())
        nodes += line
    return tuple(nodes)


# --- within a line -----------------------------------------------------------------------------------


def _inline(line: str, *, verbatim: bool) -> Nodes:
    return _emphasized(list(_tokens(line, _ATOM, verbatim=verbatim)))


def _controls(text: str) -> Nodes:
    """Code keeps its marks, but links and mentions in it are live, as Slack shows them."""
    return _joined(_tokens(text, _CONTROL_ONLY))


def _tokens(text: str, pattern: re.Pattern[str], *, verbatim: bool = False) -> Iterator[_Token]:
    end = 0
    for found in pattern.finditer(text):
        yield from text[end : found.start()]
        yield from _atom(found, verbatim=verbatim)
        end = found.end()
    yield from text[end:]


def _atom(found: re.Match[str], *, verbatim: bool) -> Iterator[_Token]:
    value = found[found.lastgroup or 0]
    match found.lastgroup:
        case "control":
            yield _control(value)
        case "code":
            yield Styled(Style.CODE, _controls(value))
        case "entity":
            yield Text(_ENTITIES[value])
        case "emoji" if emoji.is_known(value):
            yield Emoji(value)
        case "url" if not verbatim:
            yield from _bare_link(value)
        case _:
            yield from found[0]


def _bare_link(url: str) -> Iterator[_Token]:
    """A bare address; punctuation at its end belongs to the sentence."""
    address = _TRAILING.sub("", url)
    yield Link(unescape(address), (Text(unescape(address)),))
    yield from url[len(address) :]


def _control(content: str) -> Node:
    """What stands between ``<`` and ``>``; what Slack has no meaning for is shown as written."""
    target, _, label = content.partition("|")
    label = unescape(label)
    kind, rest = target[:1], target[1:]
    if kind == "@" and rest:
        return Person(rest, label)
    if kind == "#" and rest:
        return Room(rest, label)
    if kind == "!":
        return _special(target, label) or Text(label or f"<{unescape(target)}>")
    if is_followable(target):
        url = unescape(target)
        return Link(url, (Text(label or url.removeprefix("mailto:")),))
    return Text(f"<{unescape(content)}>")


def _special(target: str, label: str) -> Node | None:
    name = target.removeprefix("!")
    if name in _AUDIENCES:
        return Broadcast(name)
    if name.startswith("subteam^"):
        return Group(name.removeprefix("subteam^"), label)
    if date := _DATE.fullmatch(target):
        return Moment(int(date["timestamp"]), unescape(date["format"]), label, unescape(date["url"] or ""))
    return None


def _emphasized(tokens: Sequence[_Token]) -> Nodes:
    done: list[_Token] = []
    unclosed: set[_Token] = set()  # marks with no closing one ahead: looked for once, not once a mark
    at = 0
    while at < len(tokens):
        token = tokens[at]
        style = _MARKS.get(token) if isinstance(token, str) else None
        if style and token not in unclosed and _opens(tokens, at):
            if end := _closing(tokens, at):
                done.append(Styled(style, _emphasized(tokens[at + 1 : end])))
                at = end + 1
                continue
            unclosed.add(token)
        done.append(token)
        at += 1
    return _joined(done)


def _opens(tokens: Sequence[_Token], at: int) -> bool:
    """Whether the mark stands at the beginning of a word."""
    is_after_word = at > 0 and _is_word(tokens[at - 1])
    return not is_after_word and at + 1 < len(tokens) and not _is_space(tokens[at + 1])


def _closing(tokens: Sequence[_Token], opening: int) -> int | None:
    """Where the mark at ``opening`` closes: at the end of a word, and not around nothing."""
    for at in range(opening + 2, len(tokens)):
        closes = tokens[at] == tokens[opening] and not _is_space(tokens[at - 1])
        if closes and (at + 1 == len(tokens) or not _is_word(tokens[at + 1])):
            return at
    return None


def _is_word(token: _Token) -> bool:
    return isinstance(token, str) and token.isalnum()


def _is_space(token: _Token) -> bool:
    return isinstance(token, str) and token.isspace()


def _joined(tokens: Iterable[_Token]) -> Nodes:
    """The tokens as nodes, neighbouring characters as one text."""
    nodes: list[Node] = []
    for token in tokens:
        text = token if isinstance(token, str) else token.text if isinstance(token, Text) else None
        last = nodes[-1] if nodes else None
        if text is None:
            nodes.append(token)  # type: ignore[arg-type]
        elif isinstance(last, Text):
            nodes[-1] = Text(last.text + text)
        else:
            nodes.append(Text(text))
    return tuple(nodes)
