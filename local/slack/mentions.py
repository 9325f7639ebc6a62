"""Who a message pings: mentions as Slack reads them in mrkdwn and in rich text.

Source: https://docs.slack.dev/messaging/formatting-message-text (special mentions). Only unescaped
``<...>`` tokens count; ``&lt;!channel&gt;`` is text. Plain text objects and raw text never mention.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.slack.model import Json, Ping

_TOKEN = re.compile(
    r"<(?:@(?P<user>[UW][A-Z0-9]+)|!subteam\^(?P<group>S[A-Z0-9]+)|!(?P<range>here|channel|everyone|group))(?:\|[^>]*)?>"
)
_RANGES: Mapping[str, Ping] = {
    "here": Ping.HERE,
    "channel": Ping.CHANNEL,
    "group": Ping.CHANNEL,
    "everyone": Ping.EVERYONE,
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention and the id it names; a range (here, channel, everyone) names none."""

    ping: Ping
    id: str = ""


def mentions(text: str, blocks: Sequence[Json]) -> Iterator[Mention]:
    """Every mention in a message, its notification text included."""
    yield from _in_mrkdwn(text)
    for block in blocks:
        yield from _in_json(block)


def _in_mrkdwn(text: str) -> Iterator[Mention]:
    for token in _TOKEN.finditer(text):
        if token["user"]:
            yield Mention(Ping.USER, token["user"])
        elif token["group"]:
            yield Mention(Ping.GROUP, token["group"])
        else:
            yield Mention(_RANGES[token["range"]])


def _in_json(node: Any) -> Iterator[Mention]:
    """Walks a block; only the nodes that Slack parses for mentions speak."""
    match node:
        case {"type": "mrkdwn" | "markdown", "text": str(text)}:
            yield from _in_mrkdwn(text)
        case {"type": "user", "user_id": str(user_id)}:
            yield Mention(Ping.USER, user_id)
        case {"type": "usergroup", "usergroup_id": str(group_id)}:
            yield Mention(Ping.GROUP, group_id)
        case {"type": "broadcast", "range": str(name)} if name in _RANGES:
            yield Mention(_RANGES[name])
        case dict():
            for child in node.values():
                yield from _in_json(child)
        case list():
            for child in node:
                yield from _in_json(child)
        case _:
            return
