"""The findings in the store: what runs found, what people pressed, and what waits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from bot.adapters.sql.changes import load_several
from bot.adapters.sql.engine import Database
from bot.adapters.sql.mapping import event_from, hit_from
from bot.adapters.sql.messages import load_messages, load_standings
from bot.adapters.sql.outbox import announce
from bot.adapters.sql.pressing import Move, Pressed, candidates, carry_out, escalating, load_finding, take, waking
from bot.adapters.sql.queueing import load_queue
from bot.adapters.sql.recording import merge, save
from bot.adapters.sql.remembering import load_verdict
from bot.adapters.sql.runs import finish_run, load_outcome, load_run, searched_from
from bot.adapters.sql.tables import events, hits, intents
from bot.adapters.sql.tallying import load_found_a_day, load_waited
from bot.adapters.sql.together import Together
from bot.domain.announcing import announce_run
from bot.domain.daily import Bounds
from bot.domain.escalation import OnCall
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.hunt import Slug
from bot.domain.memory import FORGETFUL, Memory, SameAgain, Verdict
from bot.domain.message import Standing
from bot.domain.queue import Queued, Wanted
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.response import Waited
from bot.domain.run import Novelty, Receipt, Run, RunOutcome
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, EventId, Press, Refusal
from bot.errors import StoreError

_PORTION = 50  # findings moved by one transaction, so that no press waits for long


class SqlFindings:
    """Findings of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._presses = Together(database, take)

    async def record(
        self,
        run: Run,
        hits: Sequence[Hit],
        receipt: Receipt,
        at: datetime,
        home: ChannelId | None = None,
        memory: Memory = FORGETFUL,
    ) -> RunOutcome:
        async with self._db.write() as connection:
            stored = await load_run(connection, run.id)
            if stored.is_over:
                return await load_outcome(connection, run.id)
            since = await searched_from(connection, stored.request.hunt)
            merges = await merge(connection, stored.request.hunt, hits, at, since, memory)
            about = [] if stored.request.finding is None else [stored.request.finding]
            messages = await load_messages(connection, {*about, *(merged.finding.id for merged in merges)})
            news = await save(connection, stored, merges)
            unseen = sum(merged.unseen for merged in merges)
            backlog = sum(merged.unseen for merged in merges if merged.novelty is Novelty.BACKLOG)
            counted = receipt.counting(unseen, backlog, is_baseline=since is None)
            done = await finish_run(connection, run.id, counted, at)
            await announce(connection, announce_run(done, news, messages, home), at)
            return RunOutcome(done, tuple((item.finding, item.novelty) for item in news))

    async def preview(self, hunt: Slug, hits: Sequence[Hit], at: datetime) -> Sequence[tuple[Finding, Novelty]]:
        async with self._db.read() as connection:
            merges = await merge(connection, hunt, hits, at, await searched_from(connection, hunt))
        return [(merged.finding, merged.novelty) for merged in merges]

    async def press(
        self, finding: FindingId, asked: Press | SameAgain, on_call: OnCall
    ) -> tuple[Finding, AuditEvent]:
        return await self._presses.do(Pressed(finding, asked, on_call))

    async def refuse(self, finding: FindingId, refused: Refusal) -> AuditEvent:
        _, event = await self._presses.do(Pressed(finding, refused))
        return event

    async def escalate_overdue(self, opened_until: datetime, at: datetime, on_call: OnCall) -> Sequence[FindingId]:
        return await self._move_all(escalating(opened_until, at, on_call))

    async def wake(self, at: datetime) -> Sequence[FindingId]:
        return await self._move_all(waking(at))

    async def verdict(self, finding: FindingId) -> Verdict | None:
        async with self._db.read() as connection:
            return await load_verdict(connection, await load_finding(connection, finding))

    async def get(self, finding: FindingId) -> Finding:
        async with self._db.read() as connection:
            return await load_finding(connection, finding)

    async def history(self, finding: FindingId) -> Sequence[AuditEvent]:
        async with self._db.read() as connection:
            await load_finding(connection, finding)
            rows = await connection.execute(
                select(events).where(events.c.finding_id == finding).order_by(events.c.id)
            )
            return [event_from(row) for row in rows.mappings()]

    async def event(self, event_id: EventId) -> AuditEvent:
        async with self._db.read() as connection:
            row = (await connection.execute(select(events).where(events.c.id == event_id))).mappings().first()
        if row is None:
            raise StoreError(f"There is no event {event_id}.")
        return event_from(row)

    async def hits(self, finding: FindingId) -> Sequence[Hit]:
        async with self._db.read() as connection:
            known = await load_finding(connection, finding)
            latest = select(hits).where(hits.c.finding_id == finding).order_by(hits.c.at.desc(), hits.c.hit_id)
            return [hit_from(row, known.fingerprint) for row in (await connection.execute(latest)).mappings()]

    async def queue(self, wanted: Wanted, limit: int) -> Queued:
        async with self._db.read() as connection:
            return await load_queue(connection, wanted, limit)

    async def at(self, channel: ChannelId, message: MessageTs) -> FindingId | None:
        here = (intents.c.channel == channel, intents.c.ts == message, intents.c.finding_id.is_not(None))
        async with self._db.read() as connection:
            found: FindingId | None = await connection.scalar(select(intents.c.finding_id).where(*here).limit(1))
        return found

    async def standings(self, findings: Collection[FindingId]) -> Mapping[FindingId, Standing]:
        async with self._db.read() as connection:
            return await load_standings(connection, findings)

    async def several(self, findings: Collection[FindingId]) -> Mapping[FindingId, Finding]:
        async with self._db.read() as connection:
            return await load_several(connection, findings)

    async def found_a_day(self, hunt: Slug, bounds: Bounds) -> Mapping[Severity, Sequence[int]]:
        async with self._db.read() as connection:
            return await load_found_a_day(connection, hunt, bounds)

    async def waited(self, hunt: Slug, since: datetime | None, until: datetime) -> Waited | None:
        async with self._db.read() as connection:
            return await load_waited(connection, hunt, since, until)

    async def _move_all(self, move: Move) -> Sequence[FindingId]:
        """A portion at a time until none is left; the write turn is taken only where there is something to do."""
        moved: list[FindingId] = []
        while ids := await self._candidates(move):
            async with self._db.write() as connection:
                moved += await carry_out(connection, move, ids)
        return moved

    async def _candidates(self, move: Move) -> Sequence[FindingId]:
        async with self._db.read() as connection:
            ids = (await connection.execute(candidates(move, _PORTION))).scalars().all()
        return [FindingId(finding) for finding in ids]
