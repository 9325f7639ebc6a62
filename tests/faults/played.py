"""A bot that a test plays step by step: real services on a real store, a clock that is turned, peers that fail."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, Table, select

from bot.adapters.sql import SqlStore
from bot.adapters.sql.mapping import intent_from
from bot.adapters.sql.tables import intents
from bot.domain.audit import Entry, Gap, Tip
from bot.domain.escalation import Phase, TargetName
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.intent import Intent, Mark
from bot.domain.message import EscalationCall
from bot.domain.responder import ChannelId
from bot.domain.rows import Column, Rows, Value
from bot.domain.schedule import Schedule
from bot.domain.suppression import NO_RULES, Suppression, Suppressions
from bot.ports.search import Param
from bot.services import Services
from handlers import jobs
from handlers.background import Background
from tests.examples import GRANTS, SECURITY, SHELF, asked
from tests.faults.plugging import Ports, services_over
from tests.stand_ins import ON_CALL, START, ManualClock, RecordingWorkspace

T = TypeVar("T")

OTHER = ChannelId("C-OTHER")
FALLBACK = ChannelId("C-FALLBACK")
ESCALATE_AFTER = timedelta(hours=1)
QUIET = Suppression(GRANTS.slug, {"principal": "noisy"}, "judged", "anna", START.date() + timedelta(days=3_000))

_COLUMNS = (
    Column("@timestamp", "date"),
    Column("event_id", "keyword"),
    Column("principal", "keyword"),
    Column("severity", "keyword"),
)


@dataclass
class GrowingLogs:
    """A LogSearch over what happened; the past does not change."""

    clock: ManualClock
    rows: list[tuple[Value, ...]] = field(default_factory=list)

    def happen(self, principal: str, severity: str) -> None:
        """Now."""
        at = self.clock().isoformat(timespec="milliseconds")
        self.rows.append((at, f"e-{len(self.rows)}", principal, severity))

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        del text
        start, end = (datetime.fromisoformat(str(params[name])) for name in ("_tstart", "_tend"))
        there = [row for row in self.rows if start <= datetime.fromisoformat(str(row[0])) < end]
        return Rows(_COLUMNS, tuple(there), took_ms=1)


@dataclass
class ListeningTarget:
    """An EscalationTarget that remembers what it was told, each mark once; `faults` are raised after it heard."""

    heard: dict[Mark, tuple[FindingId, Phase]] = field(default_factory=dict)
    faults: list[Exception] = field(default_factory=list)
    name = TargetName("webhook")

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        self.heard[mark] = (call.finding.id, phase)
        if self.faults:
            raise self.faults.pop(0)


class Played:
    """`slack`, `logs` and the clock outlive the bot, which is opened anew after each crash."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = ManualClock()
        self.slack = RecordingWorkspace()
        self.logs = GrowingLogs(self.clock)
        self.target = ListeningTarget()
        self.is_suppressed = False
        self.store: SqlStore
        self.services: Services
        self._background = Background()
        self._loop = asyncio.new_event_loop()
        self.do(self._open())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """From here to its end."""
        return self._loop.run_until_complete(work)

    def restart(self) -> None:
        """What was under way is gone; the rules are read anew."""
        self.do(self.store.aclose())
        self.do(self._open())

    def close(self) -> None:
        self.do(self.store.aclose())
        self.do(self._loop.shutdown_default_executor())
        self._loop.close()

    def ids(self, table: Table) -> Sequence[int]:
        return self.do(self._select(select(table.c.id).order_by(table.c.id)))

    def intents(self) -> Sequence[Intent]:
        async def read() -> Sequence[Intent]:
            async with self.store.database.read() as connection:
                rows = await connection.execute(select(intents).order_by(intents.c.id))
                return [intent_from(row) for row in rows.mappings()]

        return self.do(read())

    async def chain(self) -> tuple[Sequence[Entry | Gap], Tip]:
        return [link async for link in self.store.audit.chain()], await self.store.audit.tip()

    async def hunt(self, channel: ChannelId = SECURITY) -> None:
        run = await self.services.hunts.request(asked(channel=channel, at=self.clock()))
        assert run is not None
        await self.services.hunts.work(run.id)

    async def tick(self) -> None:
        await jobs.tick(self.services, self._background)
        assert await self._background.drain(30) == 0

    async def settle(self) -> int:
        """Deliver whatever can be; how much is left."""
        return await self.services.delivery.settle(24 * 3600)

    async def _select(self, query: Select[tuple[int]]) -> Sequence[int]:
        async with self.store.database.read() as connection:
            return [row.id for row in await connection.execute(query)]

    async def _open(self) -> None:
        self.store = await SqlStore.open(self.url)
        self._background = Background()
        ports = Ports(
            self.logs,
            self.store.findings,
            self.store.runs,
            self.store.outbox,
            self.store.bulks,
            self.store.homes,
            self.store.exports,
            self.store.retention,
            self.slack,
            {self.target.name: self.target},
        )
        self.services = services_over(
            ports,
            SHELF,
            self.clock,
            self.clock.sleep,
            homes={GRANTS.slug: SECURITY},
            schedules={Slug(GRANTS.slug): Schedule("0 9 * * *", "UTC", SECURITY)},
            on_call=ON_CALL,
            escalate_after=ESCALATE_AFTER,
            suppressions=Suppressions((QUIET,)) if self.is_suppressed else NO_RULES,
            fallback=FALLBACK,
        )
