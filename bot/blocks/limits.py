"""Slack's limits on a message, and what goes first when they are reached.

Sources: https://docs.slack.dev/reference/block-kit/blocks (50 blocks, section 3000, header 150);
slackapi/bolt-js#2509 (msg_blocks_too_long near 13,000 characters over all blocks, undocumented: we stay at 11,000).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.blocks import rich
from bot.blocks.rich import Json

BLOCKS = 50
CHARACTERS = 11_000
TEXT = 3_000  # of the notification text; chat.update refuses more than 4,000
NOTE = 2_000  # of what a person may write in the resolve form

_LEFT_OUT = "Something was left out here to fit into one Slack message."
_RESERVE = len(_LEFT_OUT)


class Keep(IntEnum):
    """How long a part stays when a message is too long: the highest goes first, ALWAYS never."""

    ALWAYS = 0  # what was found, how bad, what may be done about it
    LONG = 1  # who, where, when
    SHORT = 2  # rows of lists, further columns, history


@dataclass(frozen=True, slots=True)
class Part:
    """A block and how long it stays."""

    block: Json
    keep: Keep = Keep.ALWAYS


def fit(parts: Iterable[Part]) -> tuple[Json, ...]:
    """The blocks that fit into one message; of those that may go, the last go first, and the message says so."""
    kept = list(parts)
    sizes = [characters(part.block) for part in kept]
    if len(kept) <= BLOCKS and sum(sizes) <= CHARACTERS:
        return tuple(part.block for part in kept)
    while (len(kept) >= BLOCKS or sum(sizes) > CHARACTERS - _RESERVE) and (goes := _next_to_go(kept)) is not None:
        del kept[goes], sizes[goes]
    said = rich.section([rich.words(_LEFT_OUT, italic=True)])
    return (*(part.block for part in kept), said)


def characters(block: object) -> int:
    """Every character of a block that a person may read."""
    return sum(map(len, _texts(block)))


def _next_to_go(parts: Sequence[Part]) -> int | None:
    keep, place = max(((part.keep, place) for place, part in enumerate(parts)), default=(Keep.ALWAYS, 0))
    return None if keep is Keep.ALWAYS else place


def _texts(node: object) -> Iterator[str]:
    match node:
        case Mapping():
            for key, child in node.items():
                if key in {"text", "fallback"} and isinstance(child, str):
                    yield child
                else:
                    yield from _texts(child)
        case list() | tuple():
            for child in node:
                yield from _texts(child)
        case _:
            return
