"""The delivery intents in the store: written with what they are about, claimed one a lane, settled by the holder."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, case, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import intent_from, intent_values
from bot.adapters.sql.tables import intents, runs
from bot.domain.announcing import Announcement
from bot.domain.finding import FindingId
from bot.domain.intent import Claim, Intent, Kind, Lane, Progress
from bot.domain.responder import MessageTs, UserId
from bot.domain.run import RunId

FAR_AHEAD = timedelta(hours=1)  # no lease and no pause is so long

_parent = intents.alias("parent")
_STANDS = intents.c.ts.is_not(None)
_AHEAD = intents.c.drawn < intents.c.wanted
# A retired message is drawn once more where it stands; where it never was posted nobody misses it.
_WANTED = or_(
    intents.c.progress == Progress.ALIVE,
    and_(intents.c.progress == Progress.RETIRED, or_(_STANDS, intents.c.may_stand)),
)


async def announce(connection: AsyncConnection, what: Announcement, at: datetime) -> None:
    """Write an announcement in the transaction of what it announces; an intent that is there already stays."""
    del at
    if what.post:
        values = [intent_values(intent) for intent in what.post]
        await connection.execute(insert(connection, intents).on_conflict_do_nothing(index_elements=["key"]), values)
    raised = {"wanted": intents.c.wanted + 1}
    if what.redraw:
        await connection.execute(update(intents).where(intents.c.key.in_(what.redraw)).values(raised))
    if what.retire:
        retired = {**raised, "progress": Progress.RETIRED}
        await connection.execute(update(intents).where(intents.c.key.in_(what.retire)).values(retired))
        await _give_up_orphans(connection, _parent.c.key.in_(what.retire))


class SqlOutbox:
    """Outbox of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def claim(self, now: datetime, lease: timedelta, closed: Collection[Lane] = ()) -> Sequence[Claim]:
        async with self._db.write() as connection:
            rows = (await connection.execute(_due(now, closed))).mappings().all()
            if not rows:
                return ()
            taken = {
                "fence": intents.c.fence + 1,
                "attempts": intents.c.attempts + 1,
                "lease_until": now + lease,
                "may_stand": True,
            }
            await connection.execute(
                update(intents).where(intents.c.id.in_([row["id"] for row in rows])).values(taken)
            )
        return [
            Claim(intent_from(row), row["fence"] + 1, now + lease, row["thread_ts"], row["may_stand"]) for row in rows
        ]

    async def settle(self, claim: Claim, ts: MessageTs | None) -> bool:
        settled: dict[str, Any] = {
            "ts": ts,
            "drawn": claim.intent.wanted,
            "may_stand": False,
            "attempts": 0,
            "lease_until": None,
            "not_before": None,
        }
        async with self._db.write() as connection:
            is_mine = bool((await connection.execute(_held(claim).values(settled))).rowcount)
            if is_mine and claim.intent.kind is Kind.FINDING and claim.intent.ts is None:
                await _card_settled(connection, claim.intent, ts)
        return is_mine

    async def put_back(self, claim: Claim, not_before: datetime, *, may_stand: bool) -> None:
        waiting = {"lease_until": None, "not_before": not_before, "may_stand": may_stand}
        async with self._db.write() as connection:
            await connection.execute(_held(claim).values(waiting))
            if not may_stand:
                await _give_up_orphans(connection, _parent.c.key == claim.intent.key)

    async def break_off(self, claim: Claim, reason: str) -> None:
        async with self._db.write() as connection:
            broken = _broken(reason)
            await connection.execute(_held(claim).values(broken))
            await _give_up_orphans(connection, _parent.c.key == claim.intent.key)

    async def go_private(self, claim: Claim, user: UserId) -> None:
        intent = claim.intent
        answer = {"only_for": user, "lease_until": None, "may_stand": False}
        lost = and_(
            *(intents.c.run_id == intent.run, intents.c.kind == Kind.FINDING),
            *(intents.c.channel == intent.channel, intents.c.ts.is_(None)),
        )
        async with self._db.write() as connection:
            if not (await connection.execute(_held(claim).values(answer))).rowcount:
                return
            of_run = runs.c.id == intent.run
            await connection.execute(update(runs).where(of_run).values(is_private=True))
            await connection.execute(update(intents).where(lost).values(_broken("the bot is not in this channel")))
            under_way = select(runs.c.id).where(of_run, runs.c.finished_at.is_(None)).exists()
            waits = update(intents).where(intents.c.key == intent.key, under_way)
            await connection.execute(waits.values(wanted=intents.c.drawn))
            await _give_up_orphans(connection, _parent.c.run_id == intent.run)

    async def waiting(self) -> int:
        return await self._count(and_(_AHEAD, _WANTED))

    async def broken(self) -> int:
        return await self._count(intents.c.progress == Progress.BROKEN)

    async def of_finding(self, finding: FindingId) -> Sequence[Intent]:
        return await self._select(and_(intents.c.finding_id == finding, intents.c.kind == Kind.FINDING))

    async def of_run(self, run: RunId) -> Sequence[Intent]:
        return await self._select(intents.c.run_id == run)

    async def _select(self, which: ColumnElement[bool]) -> Sequence[Intent]:
        async with self._db.read() as connection:
            rows = await connection.execute(select(intents).where(which).order_by(intents.c.id))
            return [intent_from(row) for row in rows.mappings()]

    async def _count(self, which: ColumnElement[bool]) -> int:
        async with self._db.read() as connection:
            return (await connection.execute(select(func.count()).select_from(intents).where(which))).scalar_one()


def _broken(reason: str) -> dict[str, Any]:
    return {"progress": Progress.BROKEN, "broken_reason": reason, "lease_until": None, "may_stand": False}


def _held(claim: Claim) -> Any:
    """The intent, if the claim still holds it: a later claim has a later fence."""
    return update(intents).where(intents.c.key == claim.intent.key, intents.c.fence == claim.fence)


def _due(now: datetime, closed: Collection[Lane]) -> Select[Any]:
    """The most urgent due intent of each open lane; a run's many cards let everything else pass."""
    urgency = (case((intents.c.kind == Kind.FINDING, 1), else_=0), intents.c.id)
    place = func.row_number().over(partition_by=(intents.c.channel, _STANDS), order_by=urgency)
    due = (
        select(intents, _parent.c.ts.label("thread_ts"), place.label("place"))
        .join_from(intents, _parent, _parent.c.key == intents.c.thread_of, isouter=True)
        .where(
            _AHEAD,
            _WANTED,
            or_(intents.c.thread_of.is_(None), _parent.c.ts.is_not(None)),
            _is_past(intents.c.lease_until, now),
            _is_past(intents.c.not_before, now),
            *(not_(and_(intents.c.channel == lane.channel, _STANDS.is_(lane.is_redraw))) for lane in closed),
        )
        .subquery()
    )
    return select(due).where(due.c.place == 1).order_by(due.c.id)


def _is_past(moment: Column[datetime], now: datetime) -> ColumnElement[bool]:
    """Whether nothing is to be waited for; what lies far ahead was written before the clock was set back."""
    return or_(moment.is_(None), moment <= now, moment > now + FAR_AHEAD)


async def _give_up_orphans(connection: AsyncConnection, parents: ColumnElement[bool]) -> None:
    """Mark what hangs under one of `parents` that will never stand as that one is, so that it waits no longer."""
    will_not_stand = and_(parents, _parent.c.ts.is_(None), ~_parent.c.may_stand)
    fates = {
        Progress.RETIRED: _parent.c.progress == Progress.RETIRED,
        Progress.BROKEN: or_(_parent.c.progress == Progress.BROKEN, _parent.c.only_for.is_not(None)),
    }
    for fate, applies in fates.items():
        lost = select(_parent.c.key).where(will_not_stand, applies)
        orphans = and_(intents.c.thread_of.in_(lost), intents.c.ts.is_(None), intents.c.progress == Progress.ALIVE)
        given_up = {"progress": fate, "broken_reason": "what it hangs under does not stand"}
        await connection.execute(update(intents).where(orphans).values(given_up))


async def _card_settled(connection: AsyncConnection, card: Intent, ts: MessageTs | None) -> None:
    """A card stands: the messages it took the place of and the answer that lists it can link to it now.

    One that was retired before it was posted never will, nor will what hangs under it.
    """
    if ts is None:
        await _give_up_orphans(connection, _parent.c.key == card.key)
        return
    retired = and_(
        intents.c.finding_id == card.finding, intents.c.kind == Kind.FINDING, intents.c.progress == Progress.RETIRED
    )
    await connection.execute(update(intents).where(retired).values(wanted=intents.c.wanted + 1))
    of_run = and_(intents.c.run_id == card.run, intents.c.progress == Progress.ALIVE)
    unposted = select(func.count()).where(of_run, intents.c.kind == Kind.FINDING, intents.c.ts.is_(None))
    if (await connection.execute(unposted)).scalar_one() == 0:
        answers = and_(of_run, intents.c.kind != Kind.FINDING, _STANDS)
        await connection.execute(update(intents).where(answers).values(wanted=intents.c.wanted + 1))
