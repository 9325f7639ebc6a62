"""The messages of findings in the store: which there are, and where the live ones stand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.mapping import intent_from
from bot.adapters.sql.tables import intents
from bot.domain.announcing import SHOWN, Messages
from bot.domain.finding import UNSAVED, FindingId
from bot.domain.intent import Intent, Kind, Progress
from bot.domain.message import Standing

T = TypeVar("T")

_AT_ONCE = 500  # values in one IN list: SQLite takes 32,766 of them, PostgreSQL 65,535


async def load_messages(connection: AsyncConnection, ids: Collection[FindingId]) -> Messages:
    """What each finding has in Slack and with the people on call, oldest first; those with nothing are left out."""
    messages: dict[FindingId, list[Intent]] = {}
    for some in batches([finding for finding in ids if finding != UNSAVED]):
        query = select(intents).where(intents.c.kind.in_(SHOWN), intents.c.finding_id.in_(some))
        for row in (await connection.execute(query.order_by(intents.c.id))).mappings():
            messages.setdefault(row["finding_id"], []).append(intent_from(row))
    return messages


async def load_standings(connection: AsyncConnection, ids: Collection[FindingId]) -> Mapping[FindingId, Standing]:
    """Where the live card of each stands, the latest of several."""
    cards = {
        finding: card
        for finding, messages in (await load_messages(connection, ids)).items()
        for card in messages
        if card.kind is Kind.FINDING and card.progress is Progress.ALIVE and card.ts is not None
    }
    threads = await _threads(connection, cards.values())
    return {
        finding: Standing(card.channel, card.ts, threads.get(card.thread_of))
        for finding, card in cards.items()
        if card.ts is not None
    }


def batches(values: Collection[T]) -> Iterator[Sequence[T]]:
    """So many at once as one IN list takes."""
    everything = list(values)
    return (everything[at : at + _AT_ONCE] for at in range(0, len(everything), _AT_ONCE))


async def _threads(connection: AsyncConnection, cards: Collection[Intent]) -> Mapping[Any, Any]:
    """Where the parents of cards in threads stand, by key."""
    keys = {card.thread_of for card in cards if card.thread_of is not None}
    return {
        row.key: row.ts
        for some in batches(keys)
        for row in await connection.execute(select(intents.c.key, intents.c.ts).where(intents.c.key.in_(some)))
    }
