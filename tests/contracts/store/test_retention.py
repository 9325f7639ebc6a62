"""The contract of Retention, over every store there is: what goes, and that what stays does not notice."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.sql import SqlStore
from bot.adapters.sql.retention import HITS_AT_ONCE
from bot.domain.audit import Entry, Gap, Verdict, verify
from bot.domain.escalation import NOBODY
from bot.domain.finding import Finding, FindingId
from bot.domain.intent import Kind
from bot.domain.responder import MessageTs
from bot.domain.retention import Purged, Turn
from bot.domain.run import Novelty, RunOutcome
from bot.domain.severity import Severity
from bot.domain.triage import Move, State
from bot.errors import UnknownFinding
from tests.examples import asked, hit
from tests.stand_ins import START
from tests.storing import DAY, acknowledge, delivered, news, recorded, resolve

LONG_AFTER = START + 400 * DAY
KEPT_FROM = START + 100 * DAY  # what is older goes
LEASE = timedelta(seconds=90)


async def purged(store: SqlStore, *, hits: bool = False, resolved: bool = False) -> Purged:
    before = (KEPT_FROM if hits else None, KEPT_FROM if resolved else None)
    return await store.retention.purge(*before, LONG_AFTER)


async def verdict(store: SqlStore) -> Verdict:
    return verify(await chain(store), await store.audit.tip())


async def chain(store: SqlStore) -> Sequence[Entry | Gap]:
    return [link async for link in store.audit.chain()]


def only(outcome: RunOutcome) -> Finding:
    [(finding, _)] = outcome.findings
    return finding


async def resolved_findings(store: SqlStore, *principals: str) -> list[FindingId]:
    """Found, resolved, and everything that is owed to Slack delivered."""
    outcome = await recorded(store, [hit(f"e-{name}", principal=name) for name in principals])
    ids = {finding.face.text("principal"): finding.id for finding, _ in outcome.findings}
    for finding in ids.values():
        await store.findings.press(finding, resolve(), NOBODY)
    await delivered(store)
    return [ids[name] for name in principals]


async def test_a_finding_that_was_resolved_long_ago_goes_with_all_that_is_its_own(store: SqlStore) -> None:
    [gone] = await resolved_findings(store, "alice")
    stays = only(await recorded(store, [hit("e-2", principal="bob")]))
    await delivered(store)

    removed = await purged(store, resolved=True)

    assert (removed.findings, removed.hits, removed.events, removed.is_all) == (1, 1, 2, True)
    with pytest.raises(UnknownFinding):
        await store.findings.get(gone)
    assert await store.outbox.of_finding(gone) == []
    assert await store.findings.get(stays.id) == stays
    assert [event.move for event in await store.findings.history(stays.id)] == [Move.RECORDED]
    assert await purged(store, resolved=True) == Purged()


@pytest.mark.parametrize("move", ["nothing", "acknowledged", "reopened"])
async def test_what_is_not_resolved_never_goes(store: SqlStore, move: str) -> None:
    finding = only(await recorded(store, [hit("e-1")]))
    if move == "acknowledged":
        await store.findings.press(finding.id, acknowledge(), NOBODY)
    if move == "reopened":
        await store.findings.press(finding.id, resolve(), NOBODY)
        await store.findings.press(finding.id, replace(acknowledge(after_s=9), move=Move.REOPEN), NOBODY)
    await delivered(store)
    before = await store.findings.get(finding.id), await store.findings.history(finding.id)

    removed = await purged(store, hits=True, resolved=True)

    assert (removed.findings, removed.hits, removed.events) == (0, 0, 0)
    assert (await store.findings.get(finding.id), await store.findings.history(finding.id)) == before


async def test_what_was_resolved_lately_or_seen_lately_stays(store: SqlStore) -> None:
    late, seen_late, old = await resolved_findings(store, "late", "seen-late", "old")
    await store.findings.press(late, replace(acknowledge(after_s=5), move=Move.REOPEN), NOBODY)
    await store.findings.press(late, replace(resolve(), at=KEPT_FROM + DAY), NOBODY)
    await recorded(store, [hit("e-seen-late", principal="seen-late", at=KEPT_FROM + DAY)])
    await delivered(store)

    assert (await purged(store, resolved=True)).findings == 1
    assert {(await store.findings.get(finding)).id for finding in (late, seen_late)} == {late, seen_late}
    with pytest.raises(UnknownFinding):
        await store.findings.get(old)


async def test_what_is_still_owed_to_slack_keeps_its_finding_for_the_next_purge(store: SqlStore) -> None:
    finding = only(await recorded(store, [hit("e-1")]))
    await store.findings.press(finding.id, resolve(), NOBODY)

    assert (await purged(store, resolved=True)).findings == 0
    await delivered(store)
    assert (await purged(store, resolved=True)).findings == 1


async def test_a_message_under_way_keeps_its_finding(store: SqlStore) -> None:
    [finding] = await resolved_findings(store, "alice")
    await store.findings.press(finding, replace(acknowledge(after_s=9), move=Move.REOPEN), NOBODY)
    await store.findings.press(finding, replace(resolve(), at=START + timedelta(seconds=10)), NOBODY)
    claims = await store.outbox.claim(LONG_AFTER, LEASE)

    assert claims
    assert (await purged(store, resolved=True)).findings == 0


async def test_a_message_that_may_stand_twice_keeps_its_finding_until_it_was_looked_for(store: SqlStore) -> None:
    finding = only(await recorded(store, [hit("e-1")]))
    await store.findings.press(finding.id, resolve(), NOBODY)
    await die_while_posting_the_card(store)
    await delivered(store)

    assert (await purged(store, resolved=True)).findings == 0
    for intent in await store.outbox.suspects(LONG_AFTER):
        await store.outbox.cleared(intent)
    await delivered(store)
    assert (await purged(store, resolved=True)).findings == 1


async def die_while_posting_the_card(store: SqlStore) -> None:
    for second in range(9):
        now = START + DAY / 2 + timedelta(seconds=second)
        for claim in await store.outbox.claim(now, LEASE):
            if claim.intent.kind is Kind.FINDING:
                return
            assert await store.outbox.settle(claim, MessageTs("1.1"), now, LEASE)
    pytest.fail("no card was claimed")


async def test_old_hits_go_and_their_finding_stays_what_it_was(store: SqlStore) -> None:
    worst = hit("e-1", severity=Severity.CRITICAL, at=START - 5 * DAY)
    old = [hit(f"o-{n}", at=START - n * DAY) for n in range(2, 9)]
    young = hit("y-1", at=KEPT_FROM)
    finding = only(await recorded(store, [worst, *old, young]))

    removed = await purged(store, hits=True)

    after = await store.findings.get(finding.id)
    assert (removed.findings, removed.hits) == (0, 7)
    assert [kept.id for kept in await store.findings.hits(finding.id)] == ["y-1", "e-1"]
    assert replace(after, forgotten=finding.forgotten) == finding
    assert (after.count, after.forgotten.hits, after.forgotten.granted) == (9, 7, 7)
    assert await purged(store, hits=True) == Purged()


async def test_a_run_that_returns_purged_hits_finds_nothing_new(store: SqlStore) -> None:
    old = [hit(f"e-{n}", at=START - n * DAY) for n in range(1, 5)]
    finding = only(await recorded(store, old))
    await purged(store, hits=True)

    again = await recorded(store, [*old, hit("e-9", at=START + DAY)])

    assert news(again) == {"F-1": Novelty.KNOWN}
    assert again.run.receipt is not None
    assert (again.run.receipt.new, again.run.receipt.known) == (1, 4)
    after = only(again)
    assert (after.count, after.first_seen, after.last_seen) == (5, finding.first_seen, START + DAY)
    assert len(await store.findings.hits(finding.id)) == 2


async def test_a_purged_hit_does_not_make_a_resolved_finding_recur(store: SqlStore) -> None:
    """Later than the resolution, as by a clock of the logs that ran ahead, and known when that was pressed."""
    ahead = hit("e-2", at=START + timedelta(hours=2))
    finding = only(await recorded(store, [hit("e-1", severity=Severity.CRITICAL), ahead]))
    await store.findings.press(finding.id, resolve(), NOBODY)
    assert (await purged(store, hits=True)).hits == 1

    again = await recorded(store, [hit("e-1", severity=Severity.CRITICAL), ahead])

    assert news(again) == {"F-1": Novelty.KNOWN}
    assert only(again).state is State.RESOLVED


async def test_what_is_worse_than_all_that_was_seen_was_never_seen(store: SqlStore) -> None:
    seen = [hit(f"e-{n}", severity=Severity.LOW, at=START - n * DAY) for n in range(1, 4)]
    finding = only(await recorded(store, seen))
    await store.findings.press(finding.id, acknowledge(), NOBODY)
    await purged(store, hits=True)

    again = await recorded(store, [hit("x-1", severity=Severity.CRITICAL, at=START - 2 * DAY)])

    assert news(again) == {"F-1": Novelty.WORSENED}
    assert only(again).severity is Severity.CRITICAL


@pytest.mark.parametrize(("taken_back", "is_revoked"), [(None, False), ("2026-11-01T00:00:00Z", True)])
async def test_a_purged_grant_that_stands_keeps_its_finding_from_being_called_revoked(
    store: SqlStore, taken_back: str | None, *, is_revoked: bool
) -> None:
    face = hit("e-1", severity=Severity.CRITICAL, revoked_at="2026-11-01T00:00:00Z")
    finding = only(await recorded(store, [face, hit("e-2", revoked_at=taken_back, at=START - 3 * DAY)]))
    assert (await purged(store, hits=True)).hits == 1

    again = only(await recorded(store, [face]))

    assert (finding.is_revoked, again.is_revoked) == (is_revoked, is_revoked)


async def test_more_hits_than_one_portion_holds_go_as_well(store: SqlStore) -> None:
    many = [hit(f"e-{n}", at=START - timedelta(minutes=n)) for n in range(1, 2 * HITS_AT_ONCE + 5)]
    finding = only(await recorded(store, many))
    await store.findings.press(finding.id, resolve(), NOBODY)
    await delivered(store)

    half = await store.retention.purge(KEPT_FROM, KEPT_FROM, LONG_AFTER, within=timedelta(0))
    removed = await purged(store, hits=True, resolved=True)

    assert (half, half.is_all) == (Purged(is_all=False), False)
    assert (removed.findings, removed.hits) == (1, len(many))


async def test_the_chain_holds_around_what_was_purged_and_gaps_grow_together(store: SqlStore) -> None:
    first, second, third, fourth = await resolved_findings(store, "a", "b", "c", "d")
    for finding in (second, fourth):
        await store.findings.press(finding, replace(acknowledge(after_s=9), move=Move.REOPEN), NOBODY)
    await delivered(store)

    await purged(store, resolved=True)
    apart = await chain(store)
    assert [(link.first, link.last) for link in apart if isinstance(link, Gap)] == [(1, 1), (3, 3), (5, 5), (7, 7)]
    assert await verdict(store) == Verdict(6, 4, await store.audit.tip())
    for finding in (first, third):
        with pytest.raises(UnknownFinding):
            await store.findings.get(finding)

    for finding in (second, fourth):
        await store.findings.press(finding, replace(resolve(), at=START + timedelta(seconds=99)), NOBODY)
    await delivered(store)
    await purged(store, resolved=True)
    whole = await chain(store)

    assert [(link.first, link.last) for link in whole if isinstance(link, Gap)] == [(1, 12)]
    assert len(whole) == 1
    assert (await verdict(store)).fault is None
    await recorded(store, [hit("e-new", principal="new")])
    assert await verdict(store) == Verdict(1, 12, await store.audit.tip())


STEPS = st.lists(
    st.tuples(st.sampled_from(("find", "close", "close", "reopen", "refused", "purge")), st.integers(0, 4)),
    min_size=4,
    max_size=14,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
async def test_the_chain_holds_after_any_sequence_of_presses_and_purges(
    store: SqlStore, steps: list[tuple[str, int]]
) -> None:
    """One store lives through all examples: what an earlier one left is there for the next."""
    presses = {
        "close": resolve(),
        "reopen": replace(acknowledge(after_s=1), move=Move.REOPEN),
        "refused": replace(acknowledge(after_s=2), move=Move.REOPEN),
    }
    known: dict[int, FindingId] = {}
    for step, who in [*steps, ("find", 0), ("close", 1), ("purge", 0)]:
        if step in {"find", "close"}:
            seen = [hit(f"e-{who}", principal=f"p{who}")]
            known[who] = only(await recorded(store, seen, asked(channel=None))).id  # nothing is owed to Slack
        if step == "purge":
            await purged(store, resolved=True)
        elif step in presses and who in known:
            with suppress(UnknownFinding):
                await store.findings.press(known[who], presses[step], NOBODY)
        after = await verdict(store)
        assert after.fault is None, after
        assert after.checked + after.purged == after.tip.seq
    assert (await verdict(store)).purged > 0
    for finding in await still_there(store, known.values()):
        assert finding.is_open
        assert (await store.findings.history(finding.id))[0].move is Move.RECORDED
        assert finding.face.id in {each.id for each in await store.findings.hits(finding.id)}


async def still_there(store: SqlStore, ids: Iterable[FindingId]) -> list[Finding]:
    found = []
    for finding in ids:
        with suppress(UnknownFinding):
            found.append(await store.findings.get(finding))
    return found


async def test_a_press_waits_for_a_portion_and_not_for_the_purge(store: SqlStore) -> None:
    many = [hit(f"e-{n}", principal=f"p{n % 40}", at=START - timedelta(minutes=n)) for n in range(4 * HITS_AT_ONCE)]
    outcome = await recorded(store, many)
    finding = outcome.findings[0][0]

    purge = asyncio.create_task(purged(store, hits=True))
    await asyncio.sleep(0)
    _, event = await store.findings.press(finding.id, acknowledge(), NOBODY)
    was_over = purge.done()

    assert event.accepted
    assert not was_over
    assert (await purge).hits == len(many) - 40


async def test_lines_in_threads_and_what_old_runs_saw_again_go_with_the_hits(store: SqlStore) -> None:
    first = await recorded(store, [hit("e-1")])
    finding = only(first)
    await store.findings.press(finding.id, acknowledge(), NOBODY)
    again = await recorded(store, [hit("e-1")])
    unsaid = await store.findings.press(finding.id, replace(acknowledge(after_s=9), move=Move.ESCALATE), NOBODY)
    assert unsaid[1].accepted
    assert (await purged(store, hits=True)).leftovers == 1  # the second run's; the lines are still to be said
    await delivered(store)

    assert (await purged(store, hits=True)).leftovers == 2
    assert {intent.kind for intent in await store.outbox.of_finding(finding.id)} == {Kind.FINDING}
    assert news(await store.runs.outcome(first.run.id)) == {"F-1": Novelty.BACKLOG}
    assert news(await store.runs.outcome(again.run.id)) == {}


async def steady(store: SqlStore, days: int = 1) -> None:
    """The clock is looked at all the way up to START."""
    for hours in range(-24 * days, 0, 12):
        assert await store.retention.take_turn(START + timedelta(hours=hours), LEASE) is Turn.NOT_NOW


async def test_the_first_turn_comes_when_the_clock_has_run_for_a_day(store: SqlStore) -> None:
    await steady(store)
    assert await store.retention.take_turn(START - timedelta(seconds=1), LEASE) is Turn.NOT_NOW
    assert await store.retention.take_turn(START, LEASE) is Turn.MINE


@pytest.mark.parametrize(("seconds", "expected"), [(89, Turn.NOT_NOW), (90, Turn.MINE)])
async def test_a_turn_that_was_not_finished_is_free_after_its_lease(
    store: SqlStore, seconds: int, expected: Turn
) -> None:
    await steady(store)
    assert await store.retention.take_turn(START, LEASE) is Turn.MINE
    assert await store.retention.take_turn(START + timedelta(seconds=seconds), LEASE) is expected


@pytest.mark.parametrize(("passed", "expected"), [(DAY - timedelta(seconds=1), Turn.NOT_NOW), (DAY, Turn.MINE)])
async def test_a_purge_that_was_finished_is_due_again_a_day_later(
    store: SqlStore, passed: timedelta, expected: Turn
) -> None:
    await steady(store)
    assert await store.retention.take_turn(START, LEASE) is Turn.MINE
    await store.retention.finish_turn(START)
    assert await store.retention.take_turn(START + passed, LEASE) is expected


@pytest.mark.parametrize("leap", [timedelta(days=4), timedelta(days=63_000), -DAY])
async def test_a_clock_that_leapt_has_no_turn_until_it_has_run_for_a_day(store: SqlStore, leap: timedelta) -> None:
    await steady(store)
    turns = [await store.retention.take_turn(START + leap + DAY / 2 * halves, LEASE) for halves in range(3)]
    assert turns == [Turn.CLOCK_LEAPT, Turn.NOT_NOW, Turn.MINE]


async def test_of_several_processes_one_has_the_turn(url: str, store: SqlStore) -> None:
    await steady(store)
    if url.startswith("sqlite"):
        turns = [store.retention.take_turn(START, LEASE) for _ in range(5)]
        assert Counter(await asyncio.gather(*turns)) == {Turn.MINE: 1, Turn.NOT_NOW: 4}
        return
    async with await SqlStore.open(url) as other:
        turns = [each.retention.take_turn(START, LEASE) for each in (store, other) for _ in range(3)]
        assert Counter(await asyncio.gather(*turns)) == {Turn.MINE: 1, Turn.NOT_NOW: 5}
