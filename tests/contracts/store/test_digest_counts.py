"""What a digest counts, over every store there is: findings a day, how long they waited, what was not seen."""

from dataclasses import replace
from datetime import UTC, timedelta

from bot.adapters.sql import SqlStore
from bot.domain.daily import bounds
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.intent import IntentKey, Kind
from bot.domain.paging import DigestPage, Heading
from bot.domain.queue import Wanted
from bot.domain.run import Receipt, RunId, Trigger
from bot.domain.severity import Severity
from bot.domain.source import Source, Spoke
from bot.domain.triage import Move, Press, Queue
from tests.examples import ANNA, BEN, GRANTS, SECURITY, asked, hit
from tests.stand_ins import START
from tests.storing import DAY, WINDOW, acknowledge, delivered, recorded

MINUTE = timedelta(minutes=1)
OTHER = Slug("other")


async def test_findings_are_counted_on_the_day_they_first_happened(store: SqlStore) -> None:
    low, yesterday = Severity.LOW, START - DAY
    await recorded(
        store,
        [
            hit("e-1"),
            hit("e-2", principal="bob", severity=low, at=yesterday),
            hit("e-3", principal="bob", severity=low),
            hit("e-4", principal="carol", severity=low, at=yesterday.replace(hour=0, minute=0)),
            hit("e-5", principal="dan", at=START - 3 * DAY),
        ],
    )
    days = bounds(START, UTC, days=3)

    found = await store.findings.found_a_day(GRANTS.slug, days)

    assert {grade: list(counts) for grade, counts in found.items() if any(counts)} == {
        Severity.HIGH: [0, 0, 1],
        low: [0, 2, 0],
    }
    assert not any(map(any, (await store.findings.found_a_day(OTHER, days)).values()))


async def test_how_long_findings_waited_is_told_of_what_was_opened_and_answered_in_the_stretch(
    store: SqlStore,
) -> None:
    await recorded(store, [hit(), hit("e-2", principal="bob"), hit("e-3", principal="carol")])
    for finding, minutes in ((1, 3), (2, 11)):
        press = replace(acknowledge(), at=START + minutes * MINUTE)
        await store.findings.press(FindingId(finding), press, NOBODY)
    too_late = replace(acknowledge(BEN), at=START + 12 * MINUTE)
    await store.findings.press(FindingId(2), too_late, NOBODY)

    found = await store.findings.waited(GRANTS.slug, None, START + DAY)

    assert found is not None
    assert (found.count, found.mean, found.is_capped) == (2, 6 * MINUTE, False)
    assert await store.findings.waited(GRANTS.slug, START + MINUTE, START + DAY) == found  # opened at that moment
    assert await store.findings.waited(GRANTS.slug, START + 2 * MINUTE, START + DAY) is None  # opened before
    assert await store.findings.waited(GRANTS.slug, None, START + 2 * MINUTE) is None  # answered later
    assert await store.findings.waited(OTHER, None, START + DAY) is None


async def test_runs_that_did_not_see_everything_are_told(store: SqlStore) -> None:
    await recorded(store, [hit()], is_truncated=True)
    await recorded(store, [hit()], asked(at=START + MINUTE))

    cut_short = await store.runs.incomplete_since(GRANTS.slug, None, START + DAY)

    assert [run.id for run in cut_short] == [1]
    assert await store.runs.incomplete_since(GRANTS.slug, START + DAY, START + 2 * DAY) == []
    assert await store.runs.incomplete_since(OTHER, None, START + DAY) == []


async def test_a_receipt_keeps_what_was_heard(store: SqlStore) -> None:
    places = (Spoke("111122223333", "eu-west-1", 900, START - MINUTE), Spoke("", "", 1, START - DAY))
    heard = (Source("logs-*", "aws.cloudtrail", 901, START - MINUTE, places), Source("b", "", 0), Source("c"))
    run = await store.runs.request(asked())
    assert run is not None
    started = await store.runs.start(run, WINDOW, START)

    outcome = await store.findings.record(started, [], Receipt(0, 0, 0, sources=heard), START)

    assert outcome.run.receipt is not None
    assert outcome.run.receipt.sources == heard
    assert [source.index for source in outcome.run.receipt.silent] == ["b"]


async def test_several_findings_are_loaded_those_that_are_kept(store: SqlStore) -> None:
    await recorded(store, [hit(), hit("e-2", principal="bob")])

    several = await store.findings.several([FindingId(2), FindingId(9), FindingId(1)])

    assert {number: finding.ref for number, finding in several.items()} == {1: "F-1", 2: "F-2"}
    assert await store.findings.several([]) == {}


async def test_snoozes_that_end_in_time_are_told_apart(store: SqlStore) -> None:
    await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(3)])
    for finding, hours in ((1, 2), (2, 48)):
        snooze = Press(Move.SNOOZE, ANNA, START, until=START + timedelta(hours=hours))
        await store.findings.press(FindingId(finding), snooze, NOBODY)

    soon = Wanted(Queue.SNOOZED, START, hunt=GRANTS.slug, wakes_until=START + DAY)

    assert [finding.ref for finding in (await store.findings.queue(soon, 10)).findings] == ["F-1"]


async def test_what_is_aging_is_counted_without_loading_any_of_it(store: SqlStore) -> None:
    await recorded(store, [hit()], asked(at=START - 2 * DAY))
    await recorded(store, [hit("e-2", principal="bob")])
    untouched = Wanted(Queue.UNTOUCHED, START + MINUTE, hunt=GRANTS.slug, oldest_first=True)

    aged = await store.findings.queue(replace(untouched, opened_until=START - DAY), 0)

    assert (aged.findings, aged.total) == ((), 1)


async def test_pages_hang_under_their_digest_once(store: SqlStore) -> None:
    await recorded(store, [hit()], asked(Trigger.DIGEST))
    [digest] = [i for i in await store.outbox.of_run(RunId(1)) if i.kind is Kind.DIGEST]
    pages = [
        DigestPage(Heading.NEW, (FindingId(1),), 11, 12, is_more=True),
        DigestPage(Heading.UNTOUCHED, (FindingId(1), FindingId(7)), 11, 12),
    ]

    await store.outbox.follow(digest, pages)
    await store.outbox.follow(digest, [replace(pages[0], of=99)])
    sent = await delivered(store)

    followed = [claim for claim in sent if claim.intent.kind is Kind.PAGE and claim.intent.ts is None]
    assert [claim.intent.page for claim in followed] == pages
    assert [claim.intent.key for claim in followed] == [IntentKey(f"page:{number}:{digest.key}") for number in (1, 2)]
    place = next(claim.intent for claim in sent if claim.intent.key == digest.key)
    assert {claim.intent.channel for claim in followed} == {SECURITY}
    assert {claim.thread_ts for claim in followed} == {await store.outbox.stands_at(place.key)}
