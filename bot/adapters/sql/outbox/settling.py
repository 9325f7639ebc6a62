"""What became of a claim: each is one change of its intent, made only by whoever holds the latest fence."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.outbox.routes import mend
from bot.adapters.sql.outbox.terms import (
    STANDS,
    TO_POST,
    give_up_orphans,
    given_up,
    held,
    raised,
    redraw,
)
from bot.adapters.sql.tables import intents, runs
from bot.domain.intent import Claim, Intent, Kind, Progress
from bot.domain.responder import MessageTs, UserId


async def settle(
    connection: AsyncConnection, claim: Claim, ts: MessageTs | None, now: datetime, lease: timedelta
) -> bool:
    intent = claim.intent
    values: dict[str, Any] = {
        "ts": ts,
        "drawn": intent.wanted,
        "may_stand": False,
        "attempts": 0,
        "lease_until": None,
        "not_before": None,
        "wanted_at": now,  # it may have changed while it was drawn
        **_suspicion(claim, ts, now + lease),
    }
    if not await _change(connection, claim, values):
        await doubt(connection, claim, now + lease)
        if _is_message(intent):
            await redraw(connection, intents.c.key == intent.key, now)
        return False
    if intent.only_for is None and (ts is not None or intent.kind is Kind.CALL):
        await mend(connection, intent.channel, now)
    if intent.kind is Kind.FINDING and intent.ts is None:
        await _card_settled(connection, intent, ts, now)
    return True


async def doubt(connection: AsyncConnection, claim: Claim, suspect_at: datetime) -> None:
    """Somebody who lost the lease may have sent: the channel is read back once it is known to be over."""
    if _is_message(claim.intent):
        doubted = {
            "suspect_at": suspect_at,
            "tried_at": func.coalesce(intents.c.tried_at, claim.intent.tried_at),
        }
        await connection.execute(update(intents).where(intents.c.key == claim.intent.key).values(doubted))


async def put_back(connection: AsyncConnection, claim: Claim, not_before: datetime, *, may_stand: bool) -> None:
    waiting: dict[str, Any] = {"lease_until": None, "not_before": not_before, "may_stand": may_stand}
    if not may_stand:
        overtaken = and_(intents.c.progress == Progress.RETIRED, intents.c.ts.is_(None))
        waiting["wanted"] = case((overtaken, intents.c.drawn), else_=intents.c.wanted)
        waiting["tried_at"] = _while_suspect()
    if not await _change(connection, claim, waiting):
        if may_stand:
            await doubt(connection, claim, not_before)
    elif not may_stand:
        await give_up_orphans(connection, claim.intent.key)


async def break_off(connection: AsyncConnection, claim: Claim, reason: str) -> None:
    if await _change(connection, claim, given_up(Progress.BROKEN, reason)):
        await give_up_orphans(connection, claim.intent.key)


async def detach(connection: AsyncConnection, claim: Claim) -> None:
    at_large = {"thread_of": None, "lease_until": None, "not_before": None, "may_stand": False, "tried_at": None}
    await _change(connection, claim, at_large)


async def go_private(connection: AsyncConnection, claim: Claim, user: UserId) -> None:
    intent = claim.intent
    of_run = runs.c.id == intent.run
    is_over = ~exists().where(of_run, runs.c.finished_at.is_(None))
    answer = {
        "only_for": user,
        "lease_until": None,
        "may_stand": False,
        "tried_at": None,
        "wanted": case((is_over, intents.c.wanted), else_=intents.c.drawn),  # a placeholder is for no single person
    }
    if not await _change(connection, claim, answer):
        return
    await connection.execute(update(runs).where(of_run).values(is_private=True))
    owed_here = and_(
        *(intents.c.run_id == intent.run, intents.c.kind == Kind.FINDING),
        *(intents.c.channel == intent.channel, intents.c.ts.is_(None)),
    )
    lost = given_up(Progress.BROKEN, "the bot is not in this channel")
    await connection.execute(update(intents).where(owed_here).values(lost))
    of_same_run = await connection.execute(select(intents.c.key).where(intents.c.run_id == intent.run))
    await give_up_orphans(connection, *of_same_run.scalars())


async def clear(connection: AsyncConnection, intent: Intent) -> None:
    of_intent = and_(intents.c.key == intent.key, intents.c.suspect_at.is_not(None))
    once_more = raised(intents.c.suspect_at)
    await connection.execute(
        update(intents).where(of_intent).values(**once_more, suspect_at=None, tried_at=_while_unsure())
    )


async def _change(connection: AsyncConnection, claim: Claim, values: dict[str, Any]) -> bool:
    return bool((await connection.execute(update(intents).where(held(claim)).values(values))).rowcount)


def _is_message(intent: Intent) -> bool:
    """Whether it stands somewhere where it can be read back."""
    return intent.only_for is None and intent.kind is not Kind.CALL


def _suspicion(claim: Claim, ts: MessageTs | None, suspect_at: datetime) -> dict[str, Any]:
    """What was sent before without anybody knowing may arrive yet, as a second copy or as an older drawing."""
    if claim.may_stand and ts is not None:
        return {"suspect_at": suspect_at}
    return {"tried_at": _while_suspect()}


def _while_suspect() -> Any:
    return case((intents.c.suspect_at.is_not(None), intents.c.tried_at), else_=None)


def _while_unsure() -> Any:
    return case((intents.c.may_stand, intents.c.tried_at), else_=None)


async def _card_settled(connection: AsyncConnection, card: Intent, ts: MessageTs | None, now: datetime) -> None:
    """A card stands: the messages it took the place of and the answer that lists it can link to it now.

    One that was retired before it was posted never will, nor will what hangs under it.
    """
    if ts is None:
        await give_up_orphans(connection, card.key)
        return
    of_finding = and_(intents.c.finding_id == card.finding, intents.c.kind == Kind.FINDING)
    # One that is being posted at this moment is drawn with its links afterwards, if it turns out to stand.
    retired = and_(of_finding, intents.c.progress == Progress.RETIRED, STANDS)
    await redraw(connection, retired, now)
    of_run = and_(intents.c.run_id == card.run, intents.c.progress == Progress.ALIVE)
    unposted = exists().where(TO_POST, of_run, intents.c.kind == Kind.FINDING)
    if not (await connection.execute(select(unposted))).scalar_one():
        await redraw(connection, and_(of_run, intents.c.kind != Kind.FINDING, STANDS), now)
