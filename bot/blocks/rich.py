"""The elements of a rich_text block, which Slack shows as they are and never parses.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from bot.domain.responder import HUNTBOT, UserId

Json = dict[str, object]
Line = Sequence[Json]

SECONDS = "{date_short_pretty}, {time_secs}"
MINUTES = "{date_short_pretty}, {time}"


def words(text: str, *, bold: bool = False, italic: bool = False) -> Json:
    """Our own words."""
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": text or " "} | ({"style": style} if style else {})  # Slack takes no empty text


def value(text: str, *, bold: bool = False) -> Json:
    """A value that came from outside, already through `literal`: set apart so that it can not pose as our words."""
    return {"type": "text", "text": text or " ", "style": {"code": True} | ({"bold": True} if bold else {})}


def moment(at: datetime, style: str = SECONDS) -> Json:
    """An instant in the viewer's own time zone; in UTC where a client can not."""
    return {"type": "date", "timestamp": int(at.timestamp()), "format": style, "fallback": utc(at)}


def utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def person(user: UserId) -> Json:
    """Who acted; only ids that Slack itself gave us come here."""
    return words("huntbot") if user == HUNTBOT else {"type": "user", "user_id": user}


def group(usergroup: str) -> Json:
    return {"type": "usergroup", "usergroup_id": usergroup}


def link(url: str, text: str) -> Json:
    return {"type": "link", "url": url, "text": text}


def section(*lines: Line) -> Json:
    """One rich_text block of one paragraph, a line each; empty lines are left out."""
    kept = [line for line in lines if line]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(_joined(kept))}]}


def bullets(items: Iterable[Line]) -> Json:
    return _list("bullet", items)


def numbered(items: Iterable[Line]) -> Json:
    return _list("ordered", items)


def preformatted(text: str) -> Json:
    """Text in a box, its line breaks kept: to be read letter by letter, or copied."""
    box = {"type": "rich_text_preformatted", "elements": [words(text or " ")]}
    return {"type": "rich_text", "elements": [box]}


def marked(text: str) -> Line:
    """Prose whose `backticks` set code apart, as hunts' notes have it; an odd backtick is one."""
    if text.count("`") % 2:
        return [words(text)]
    pieces = text.split("`")
    return [value(piece) if number % 2 else words(piece) for number, piece in enumerate(pieces) if piece]


def _list(style: str, items: Iterable[Line]) -> Json:
    sections = [{"type": "rich_text_section", "elements": list(item)} for item in items]
    return {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": style, "elements": sections}]}


def header(text: str) -> Json:
    """Our own words in large, cut at 150 characters. Slack makes emoji of `:name:` here: no place for a value."""
    return {"type": "header", "text": plain(text[:150])}


def plain(text: str, *, emoji: bool = True) -> Json:
    """A plain_text object, for labels and options; without `emoji` Slack leaves `:name:` alone."""
    return {"type": "plain_text", "text": text, "emoji": emoji}


def _joined(lines: Sequence[Line]) -> Iterator[Json]:
    for number, line in enumerate(lines):
        if number:
            yield words("\n")
        yield from line
