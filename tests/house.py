"""The bot without its two ends: real services on a real SQLite store, scripted logs, a recording Slack."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.sql import SqlStore
from bot.adapters.sql.outbox import SqlOutbox
from bot.blocks import summary
from bot.domain.access import Roster
from bot.domain.escalation import OnCall
from bot.domain.hunt import HuntShelf, Slug
from bot.domain.message import FindingCard, Message, RunAnswer
from bot.domain.responder import ChannelId
from bot.domain.retention import Keep
from bot.domain.rows import Rows
from bot.domain.run import Run, RunRequest, Trigger
from bot.domain.schedule import Schedule
from bot.domain.suppression import NO_RULES, Suppressions
from bot.services import (
    AccessService,
    BulkService,
    CheckService,
    DeliveryService,
    DigestService,
    EvidenceService,
    ExportService,
    HomeService,
    HuntService,
    PivotService,
    RetentionService,
    Services,
    SuppressionService,
    TriageService,
)
from bot.services.drafting import Drafting
from tests.examples import SECURITY, SHELF, asked, rows
from tests.stand_ins import (
    ON_CALL,
    KnownPeople,
    ManualClock,
    Posted,
    RecordingTarget,
    RecordingWorkspace,
    ScriptedLogs,
)

KNOWN = "999988887777"  # the account that the settings know


@dataclass(frozen=True)
class House:
    """Everything a test may look at; `services` are as compose builds them."""

    store: SqlStore
    services: Services
    logs: ScriptedLogs
    slack: RecordingWorkspace
    clock: ManualClock

    async def hunt(self, request: RunRequest | None = None) -> Run:
        """A run asked for, worked, and its messages delivered."""
        run = await self.services.hunts.request(request or asked(at=self.clock()))
        assert run is not None
        done = await self.services.hunts.work(run.id)
        assert done is not None
        await self.deliver()
        return done

    async def deliver(self, within_s: float = 600) -> None:
        assert await self.services.delivery.settle(within_s) == 0


@asynccontextmanager
async def open_house(
    folder: Path,
    *answers: Rows | Exception,
    shelf: HuntShelf = SHELF,
    schedules: Mapping[Slug, Schedule] | None = None,
    homes: Mapping[Slug, ChannelId] | None = None,
    slack: RecordingWorkspace | None = None,
    clock: ManualClock | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    outbox: type[SqlOutbox] = SqlOutbox,
    targets: Sequence[RecordingTarget] = (),
    fallback: ChannelId | None = None,
    rules: Suppressions = NO_RULES,
    keep: Keep = Keep(),  # noqa: B008 - frozen: it keeps everything for good
) -> AsyncIterator[House]:
    """Opened on the store in `folder`; opened again on the same folder it is the bot after a restart."""
    clock = clock or ManualClock()
    slack = slack or RecordingWorkspace()
    logs = ScriptedLogs(list(answers) or [rows()])
    async with await SqlStore.open(f"sqlite:///{folder}/huntbot.db") as store:
        asking = (shelf, logs, store.findings, store.runs)
        pivots = PivotService(*asking, store.outbox, clock, KNOWN)
        checks = CheckService(*asking, clock, KNOWN)
        hunts = HuntService(
            *(*asking, clock, KNOWN),
            homes=homes,
            suppressions=rules,
            errands={Trigger.PIVOT: pivots.work, Trigger.CHECK: checks.work},
        )
        digests = DigestService(hunts, store.runs, store.findings, clock, schedules or {})
        drafting = Drafting(store.outbox, store.findings, store.runs, digests, hunts, slack, store.bulks)
        delivery = DeliveryService(
            outbox(store.database),
            store.runs,
            drafting,
            slack,
            {target.name: target for target in targets},
            clock,
            sleep or clock.sleep,
            fallback,
        )
        on_call = OnCall(ON_CALL, tuple(target.name for target in targets))
        suppressions = SuppressionService(shelf, logs, rules, (), clock)
        retention = RetentionService(store.retention, keep, clock)
        access = AccessService(KnownPeople(), Roster(), clock)
        services = Services(
            hunts=hunts,
            triage=TriageService(store.findings, clock, on_call),
            digests=digests,
            delivery=delivery,
            suppressions=suppressions,
            retention=retention,
            access=access,
            evidence=EvidenceService(logs),
            pivots=pivots,
            checks=checks,
            bulks=BulkService(store.bulks, store.findings, store.runs, clock, on_call),
            homes=HomeService(store.homes, store.findings, store.runs, clock),
            exports=ExportService(store.exports, store.runs, shelf, slack, clock, summary.filled),
        )
        yield House(store, services, logs, slack, clock)


def deliverer(house: House, slack: RecordingWorkspace | None = None) -> DeliveryService:
    """Another process that delivers from the same store: a replica of the house's own."""
    store, services = house.store, house.services
    slack = slack or house.slack
    parts = (store.outbox, store.findings, store.runs, services.digests, services.hunts, slack, store.bulks)
    return DeliveryService(store.outbox, store.runs, Drafting(*parts), slack, {}, house.clock, house.clock.sleep)


def cards(slack: RecordingWorkspace, channel: str = SECURITY) -> list[FindingCard]:
    return [post.what for post in slack.in_channel(channel) if isinstance(post.what, FindingCard)]


def kinds(posts: Sequence[Posted]) -> Counter[type[Message]]:
    return Counter(type(post.what) for post in posts)


def answer_in(slack: RecordingWorkspace, channel: str = SECURITY) -> RunAnswer:
    [answer] = [post.what for post in slack.in_channel(channel) if isinstance(post.what, RunAnswer)]
    return answer
