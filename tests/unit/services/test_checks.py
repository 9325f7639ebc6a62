"""Still true? Asked again for one finding alone, once at a time, and by itself where that is cheap."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.finding import FindingId
from bot.domain.hunt import HuntShelf
from bot.domain.message import FindingCard
from bot.domain.rows import Rows
from bot.domain.run import Run, RunState
from bot.domain.suppression import Suppression, Suppressions
from bot.domain.triage import Move, Resolution
from bot.errors import LogSearchUnavailable, UnknownFinding, UnknownHunt
from tests.examples import ANNA, BEN, GRANTS, SHELF, row, rows
from tests.house import House, cards, open_house
from tests.stand_ins import START

DAY = timedelta(days=1)
FIRST = FindingId(1)
GONE = "2026-11-02T08:30:00Z"
HIDES = Suppressions((Suppression(GRANTS.slug, {"principal": "alice"}, "judged", "anna", START + DAY),))


async def checked(house: House, finding: FindingId = FIRST) -> Run:
    run = await house.services.checks.request(finding, ANNA)
    assert run is not None
    done = await house.services.hunts.work(run.id)
    assert done is not None
    await house.deliver()
    return done


def card(house: House) -> FindingCard:
    [shown] = cards(house.slack)
    return shown


async def test_a_removal_seen_since_is_stored_and_stands_on_the_card(tmp_path: Path) -> None:
    removed = rows(row("alice", "e-1", revoked_at=GONE))
    async with open_house(tmp_path, rows(row("alice", "e-1")), removed) as house:
        await house.hunt()
        assert card(house).check is None
        done = await checked(house)
        shown = card(house)
        history = await house.store.findings.history(FIRST)

    assert shown.finding.is_revoked
    assert shown.check == done
    assert history[-1].move is Move.REVOCATION_SEEN


async def test_a_card_says_that_it_was_checked_though_nothing_changed(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
        before = await house.store.findings.get(FIRST)
        done = await checked(house)
        shown = card(house)

    assert (shown.check, shown.finding) == (done, before)
    assert done.receipt is not None
    assert (done.receipt.hits, done.receipt.known) == (1, 1)


async def test_it_asks_from_when_the_finding_was_first_seen_until_now(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1", at=START - 30 * DAY))) as house:
        await house.hunt()
        house.clock.advance(DAY)
        await checked(house)

    assert house.logs.asked[-1][1] == {"_tstart": "2026-10-03T09:00:00.000Z", "_tend": _iso(house.clock())}


async def test_it_looks_no_further_back_than_digests_do(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1", at=START - 400 * DAY))) as house:
        await house.hunt()
        done = await checked(house)

    assert done.window is not None
    assert done.window.end - done.window.start == 90 * DAY


async def test_nothing_is_recorded_of_any_other_finding(tmp_path: Path) -> None:
    found = rows(row("alice", "e-1"), row("bob", "e-2"))
    more = rows(row("alice", "e-1"), row("bob", "e-2", revoked_at=GONE), row("carol", "e-3"))
    async with open_house(tmp_path, found, more) as house:
        await house.hunt()
        await checked(house)
        others = [await house.store.findings.get(FindingId(number)) for number in (2,)]
        with pytest.raises(UnknownFinding):
            await house.store.findings.get(FindingId(3))

    assert [other.is_revoked for other in others] == [False]


async def test_it_makes_no_baseline(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
        await checked(house)
        marks = [await house.store.runs.covered_until(GRANTS.slug)]

    assert marks == [None]


async def test_what_came_back_since_is_posted_anew(tmp_path: Path) -> None:
    later = rows(row("alice", "e-1"), row("alice", "e-2", at=START + timedelta(minutes=5)))
    async with open_house(tmp_path, rows(row("alice", "e-1")), later) as house:
        await house.hunt()
        await house.services.triage.press(FIRST, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
        house.clock.advance(timedelta(minutes=10))
        await checked(house)

    old, new = cards(house.slack)
    assert (old.is_retired, new.is_retired, new.finding.is_open) == (True, False, True)


async def test_what_the_rules_hide_is_not_hidden_from_who_asks_for_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
    async with open_house(
        tmp_path, rows(row("alice", "e-1", revoked_at=GONE)), rules=HIDES, slack=house.slack
    ) as house:
        await checked(house)
        assert card(house).finding.is_revoked


async def test_logs_that_can_not_be_asked_are_said_on_the_card(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), LogSearchUnavailable("refused")) as house:
        await house.hunt()
        done = await checked(house)
        shown = card(house).check

    assert shown == done
    assert (done.state, done.error) == (RunState.FAILED, "Elasticsearch could not be asked: refused.")


async def test_asked_twice_it_is_checked_once(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"), row("bob", "e-2"))) as house:
        await house.hunt()
        checks = house.services.checks
        first, second, other = [await checks.request(FindingId(number), BEN) for number in (1, 1, 2)]

    assert first is not None
    assert second is None
    assert other is not None


async def test_a_hunt_that_is_gone_can_not_be_asked(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        await house.hunt()
    async with open_house(tmp_path, shelf=HuntShelf({})) as house:
        with pytest.raises(UnknownHunt):
            await house.services.checks.request(FIRST, ANNA)


# --- by itself, when somebody took it ---------------------------------------------------------------

PLAIN = HuntShelf({GRANTS.slug: replace(GRANTS, query="FROM logs | KEEP principal")})
CHEAP = [
    ("a grant that may have been taken back", rows(row("alice", "e-1")), SHELF, True),
    ("one that was", rows(row("alice", "e-1", revoked_at=GONE)), SHELF, False),
    ("one that never came about", rows(row("alice", "e-1", outcome="attempted")), SHELF, False),
    ("of a hunt that knows no removals", rows(row("alice", "e-1")), PLAIN, False),
]


@pytest.mark.parametrize(("answer", "shelf", "is_asked"), [r[1:] for r in CHEAP], ids=[r[0] for r in CHEAP])
async def test_it_is_asked_by_itself_where_a_removal_may_show(
    tmp_path: Path, answer: Rows, shelf: HuntShelf, *, is_asked: bool
) -> None:
    async with open_house(tmp_path, answer, shelf=shelf) as house:
        await house.hunt()
        run = await house.services.checks.request_if_cheap(FIRST, ANNA)

    assert (run is not None) is is_asked


async def test_by_itself_it_is_asked_one_finding_at_a_time_and_not_again_soon(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"), row("bob", "e-2"))) as house:
        await house.hunt()
        checks = house.services.checks
        first = await checks.request_if_cheap(FIRST, ANNA)
        meanwhile = await checks.request_if_cheap(FindingId(2), ANNA)
        assert first is not None
        await house.services.hunts.work(first.id)
        soon = await checks.request_if_cheap(FIRST, ANNA)
        house.clock.advance(timedelta(minutes=6))
        later = await checks.request_if_cheap(FIRST, ANNA)

    assert (meanwhile, soon) == (None, None)
    assert later is not None


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
