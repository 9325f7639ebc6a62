"""What tests do with a store: record runs, deliver, press."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.adapters.sql import SqlStore
from bot.domain.finding import Finding
from bot.domain.hit import Hit
from bot.domain.hunt import Slug, Window
from bot.domain.intent import Claim, Kind
from bot.domain.queue import Wanted
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.run import Novelty, Receipt, RunOutcome, RunRequest, Trigger
from bot.domain.triage import Move, Press, Queue, Resolution
from tests.examples import ANNA, SECURITY, asked
from tests.stand_ins import START

LEASE = timedelta(seconds=60)
DAY = timedelta(days=1)
HOME = ChannelId("C-HOME")
WINDOW = Window(START - 7 * DAY, START)


async def recorded(
    store: SqlStore,
    hits: Sequence[Hit],
    request: RunRequest | None = None,
    *,
    is_truncated: bool = False,
    home: ChannelId | None = None,
) -> RunOutcome:
    """A run requested, started and recorded, a minute after it was asked for."""
    requested = await store.runs.request(request or asked())
    assert requested is not None
    at = requested.request.requested_at + timedelta(minutes=1)
    started = await store.runs.start(requested, replace(WINDOW, end=at), at)
    receipt = Receipt(len(hits), 0, 0, is_truncated=is_truncated)
    return await store.findings.record(started, hits, receipt, at, home)


async def waiting(store: SqlStore, hunt: Slug | None = None) -> Sequence[Finding]:
    """What is unresolved, most severe first."""
    return (await store.findings.queue(Wanted(Queue.OPEN, START, hunt=hunt), 1_000)).findings


async def delivered(store: SqlStore) -> list[Claim]:
    """Everything due, delivered as if Slack took it, a message a second; in the order in which it went out."""
    out: list[Claim] = []
    now = START + DAY
    while await store.outbox.waiting():
        for claim in await store.outbox.claim(now, LEASE):
            out.append(claim)
            ts = claim.intent.ts or MessageTs(f"{len(out)}.{claim.intent.channel}")
            is_message = claim.intent.only_for is None and claim.intent.kind is not Kind.CALL
            assert await store.outbox.settle(claim, ts if is_message else None, now, LEASE)
        now += timedelta(seconds=1)
        assert now < START + 2 * DAY, "what waits can not be claimed"
    return out


def acknowledge(by: str = ANNA, after_s: int = 0) -> Press:
    return Press(Move.ACKNOWLEDGE, UserId(by), START + timedelta(seconds=after_s), Place(SECURITY, MessageTs("1.1")))


def resolve(note: str = "") -> Press:
    return Press(Move.RESOLVE, ANNA, START, resolution=Resolution.EXPECTED, note=note)


def news(outcome: RunOutcome) -> dict[str, Novelty]:
    return {finding.ref: novelty for finding, novelty in outcome.findings}


def due(nominal: str, at: int = 0) -> RunRequest:
    scheduled = asked(Trigger.SCHEDULE, by=None)
    return replace(scheduled, schedule_key="k", nominal=nominal, due_at=START + timedelta(hours=at))


def escalate(by: str = ANNA) -> Press:
    return Press(Move.ESCALATE, UserId(by), START, Place(SECURITY, MessageTs("1.1")))
