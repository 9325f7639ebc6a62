"""The doors to the store, to Slack and to whoever is called, counting what goes through them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from app.metrics import Meter
from bot.adapters.slack import SlackWorkspace
from bot.adapters.sql.engine import Database
from bot.adapters.sql.findings import SqlFindings
from bot.adapters.sql.runs import SqlRuns
from bot.domain.escalation import OnCall, Phase, TargetName
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.intent import Mark
from bot.domain.memory import FORGETFUL, Memory, SameAgain
from bot.domain.message import EscalationCall, Message
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import Receipt, Run, RunOutcome
from bot.domain.triage import AuditEvent, Press
from bot.errors import WorkspaceError
from bot.ports.escalation import EscalationTarget

T = TypeVar("T")


class CountedFindings(SqlFindings):
    """Counts the runs that were recorded and the presses."""

    def __init__(self, database: Database, meter: Meter) -> None:
        super().__init__(database)
        self._meter = meter

    async def record(
        self,
        run: Run,
        hits: Sequence[Hit],
        receipt: Receipt,
        at: datetime,
        home: ChannelId | None = None,
        memory: Memory = FORGETFUL,
    ) -> RunOutcome:
        outcome = await super().record(run, hits, receipt, at, home, memory)
        if outcome.run.finished_at == at:  # else it was over already
            self._meter.run_done(outcome)
        return outcome

    async def press(
        self, finding: FindingId, asked: Press | SameAgain, on_call: OnCall
    ) -> tuple[Finding, AuditEvent]:
        after, event = await super().press(finding, asked, on_call)
        self._meter.press(won=event.accepted)
        return after, event


class CountedRuns(SqlRuns):
    """Counts the runs that failed."""

    def __init__(self, database: Database, meter: Meter) -> None:
        super().__init__(database)
        self._meter = meter

    async def fail(self, run: Run, error: str, at: datetime) -> Run:
        failed = await super().fail(run, error, at)
        if failed.finished_at == at:
            self._meter.run_failed()
        return failed


class CountedSlack(SlackWorkspace):
    """Counts what was posted and redrawn, and how it went."""

    def __init__(
        self, client: AsyncWebClient, home: str, meter: Meter, is_shared: Callable[[ChannelId], Awaitable[bool]]
    ) -> None:
        super().__init__(client, home, is_shared=is_shared)
        self._meter = meter

    async def post(self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None) -> MessageTs:
        return await _counted(self._meter, "post", super().post(channel, what, mark, thread))

    async def redraw(self, channel: ChannelId, ts: MessageTs, what: Message, mark: Mark) -> None:
        await _counted(self._meter, "redraw", super().redraw(channel, ts, what, mark))


class CountedTarget:
    """An escalation target, its calls counted."""

    def __init__(self, target: EscalationTarget, meter: Meter) -> None:
        self._target = target
        self._meter = meter

    @property
    def name(self) -> TargetName:
        return self._target.name

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        await _counted(self._meter, self.name, self._target.call(call, phase, mark))


async def _counted(meter: Meter, call: str, work: Awaitable[T]) -> T:
    try:
        done = await work
    except WorkspaceError as fault:
        meter.post(call, fault)
        raise
    meter.post(call)
    return done
