"""The contract of Outbox where a channel takes nothing: marked, told of once, tried again, mended."""

from collections import Counter
from datetime import datetime, timedelta

from bot.adapters.sql import SqlStore
from bot.domain.escalation import OnCall
from bot.domain.finding import FindingId
from bot.domain.intent import Claim, Kind
from bot.domain.responder import ChannelId, MessageTs
from tests.examples import SECURITY, asked, hit
from tests.stand_ins import ON_CALL, START
from tests.storing import LEASE, acknowledge, delivered, escalate, recorded

FALLBACK = ChannelId("C-FALLBACK")
OTHER = ChannelId("C-OTHER")
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def broken(
    store: SqlStore, at: datetime = START, reason: str = "is_archived", fallback: ChannelId | None = FALLBACK
) -> Claim:
    """Whatever goes next to the channel finds it closed."""
    claims = await store.outbox.claim(at, LEASE)
    [claim] = [claim for claim in claims if claim.intent.channel == SECURITY]
    await store.outbox.break_route(claim, reason, at, fallback)
    return claim


async def settled(store: SqlStore, at: datetime) -> list[Claim]:
    """Everything that may go at that moment, delivered."""
    claims = list(await store.outbox.claim(at, LEASE))
    for number, claim in enumerate(claims):
        ts = claim.intent.ts or MessageTs(f"{at.timestamp():.0f}.{number}")
        await store.outbox.settle(claim, ts, at, LEASE)
    return claims


async def test_what_waits_for_a_broken_route_is_kept_and_counted(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    await broken(store, fallback=None)

    assert await store.outbox.claim(START + SECOND, LEASE) == ()
    assert await store.outbox.waiting() == 0
    status = await store.outbox.route(SECURITY)
    assert status
    assert (status.reason, status.broken_at, status.try_at, status.waiting) == (
        *("is_archived", START, START + 5 * MINUTE, 2),
    )
    backlog = await store.outbox.backlog(START)
    assert (backlog.waiting, backlog.broken, backlog.since, backlog.routes) == (0, 0, None, (status,))
    assert await store.outbox.next_due(START + SECOND) == START + 5 * MINUTE
    assert await store.outbox.route(OTHER) is None


async def test_a_route_is_tried_after_longer_and_longer_pauses(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    at, pauses = START, []
    for _ in range(7):
        await broken(store, at)
        status = await store.outbox.route(SECURITY)
        assert status
        pauses.append((status.try_at - at) // MINUTE)
        at = status.try_at

    assert pauses == [5, 10, 20, 40, 60, 60, 60]


async def test_the_fallback_channel_is_told_once_and_again_when_the_route_works(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    await broken(store)
    [notice] = await settled(store, START + SECOND)
    assert (notice.intent.kind, notice.intent.channel, notice.intent.about_route) == (Kind.ROUTE, FALLBACK, SECURITY)
    await broken(store, START + 5 * MINUTE)
    assert await settled(store, START + 6 * MINUTE) == []

    mended = START + 15 * MINUTE
    [answer] = await settled(store, mended)
    assert answer.intent.channel == SECURITY
    assert await store.outbox.route(SECURITY) is None
    then = await settled(store, mended + SECOND)

    assert {(claim.intent.kind, claim.intent.ts is None) for claim in then} == {
        (Kind.ROUTE, False),
        (Kind.FINDING, True),
    }
    assert await store.outbox.waiting() == 1  # the answer, which can link to the card now


async def test_a_route_that_breaks_again_within_the_hour_is_told_by_the_same_message(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    await broken(store)
    await settled(store, START + SECOND)
    await settled(store, START + 5 * MINUTE)
    await settled(store, START + 6 * MINUTE)
    await broken(store, START + 7 * MINUTE)

    [notice] = await settled(store, START + 8 * MINUTE)
    assert (notice.intent.kind, notice.intent.ts is None) == (Kind.ROUTE, False)


async def test_a_fallback_that_is_itself_broken_is_not_told_of_itself(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    await broken(store, fallback=SECURITY)

    assert await store.outbox.claim(START + SECOND, LEASE) == ()
    assert await store.outbox.waiting() == 0


async def test_what_somebody_waits_for_is_tried_once_where_the_route_is_broken(store: SqlStore) -> None:
    """So that whoever escalated, or asked, is told at once that it reached nobody."""
    await recorded(store, [hit("e-1")])
    await delivered(store)
    at = START + timedelta(days=3)
    for press in (escalate(), acknowledge()):
        await store.findings.press(FindingId(1), press, OnCall(SECURITY))
    tried = Counter[Kind]()
    for second in range(30):
        for claim in await store.outbox.claim(at + second * SECOND, LEASE):
            tried[claim.intent.kind] += 1
            await store.outbox.break_route(claim, "is_archived", at + second * SECOND, None)
    await store.runs.request(asked())
    [answer] = await store.outbox.claim(at + MINUTE, LEASE)
    await store.outbox.break_route(answer, "is_archived", at + MINUTE, None)

    assert tried[Kind.ESCALATION] == 1
    assert answer.intent.kind is Kind.RUN
    assert await store.outbox.claim(at + 2 * MINUTE, LEASE) == ()
    status = await store.outbox.route(SECURITY)
    assert status
    assert status.try_at == at + 5 * MINUTE  # those tries did not put it off


async def test_an_escalation_waits_for_its_route_and_goes_out_then(store: SqlStore) -> None:
    await recorded(store, [hit("e-1")])
    await delivered(store)
    at = START + timedelta(days=3)
    await store.findings.press(FindingId(1), escalate(), OnCall(ON_CALL))
    claims = await store.outbox.claim(at, LEASE)
    [call] = [claim for claim in claims if claim.intent.channel == ON_CALL]
    await store.outbox.break_route(call, "not_in_channel", at, None)

    assert ON_CALL not in [claim.intent.channel for claim in await store.outbox.claim(at + MINUTE, LEASE)]
    later = [claim.intent.key for claim in await store.outbox.claim(at + 5 * MINUTE, LEASE)]
    assert call.intent.key in later


async def test_whoever_lost_the_lease_breaks_no_route(store: SqlStore) -> None:
    await store.runs.request(asked())
    [frozen] = await store.outbox.claim(START, LEASE)
    await store.outbox.claim(START + LEASE, LEASE)

    await store.outbox.break_route(frozen, "is_archived", START + LEASE, FALLBACK)

    assert await store.outbox.route(SECURITY) is None
