"""Several processes on one store: each due time has its digest, once, and what comes late is found, once."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.adapters.sql import SqlStore
from bot.adapters.sql.tables import runs
from bot.domain.hunt import HuntShelf, Slug
from bot.domain.rows import Rows
from bot.domain.run import RUN_LEASE, Novelty, RunId, RunOutcome, RunState
from bot.domain.schedule import Schedule
from bot.errors import LogSearchUnavailable
from bot.ports.search import Clock, LogSearch, Param
from bot.services import DigestService, HuntService
from tests.examples import GRANTS, SECURITY, row, rows
from tests.stand_ins import COUNTING, START, ManualClock, ScriptedLogs, heard

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

DAILY = ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00")
HALF_HOURLY = "*/30"

NIGHTS = [
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/Berlin", "2027-03-28"),
    ("America/New_York", "2026-11-01"),
    ("America/New_York", "2027-03-14"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2027-04-04"),
]


@dataclass(frozen=True)
class Replica:
    """One process: its own services on its own connections; `mortal` is how often it dies of its work."""

    store: SqlStore
    hunts: HuntService
    digests: DigestService
    clock: Clock
    chance: random.Random

    async def tick(self, mortal: float = 0) -> None:
        """As the clock's handler does it."""
        await self.digests.due()
        for run in await self.hunts.resume():
            if self.chance.random() < mortal:
                await self._die_at(run)
            else:
                await self.hunts.work(run)

    async def _die_at(self, run: RunId) -> None:
        """Between claim and record: what it took stays taken until the lease runs out."""
        claimed = await self.store.runs.claim(run, self.clock(), RUN_LEASE)
        if claimed is not None:
            window = await self.hunts.digest_window(self.hunts.shelf.find(claimed.request.hunt))
            await self.store.runs.start(claimed, window, self.clock())


@asynccontextmanager
async def replicas(
    url: str, clock: Clock, schedules: Mapping[Slug, Schedule], logs: LogSearch, ingest_delay: timedelta = HOUR
) -> AsyncIterator[Sequence[Replica]]:
    """Three on PostgreSQL; one on SQLite, which serves one."""
    query = GRANTS.query.replace(", revoked_at", "")  # or it would reach back to its oldest finding anyway
    shelf = HuntShelf({slug: replace(GRANTS, slug=slug, window=HOUR, query=query) for slug in schedules})
    async with AsyncExitStack() as stack:
        together = []
        for number in range(1 if url.startswith("sqlite") else 3):
            store = await stack.enter_async_context(await SqlStore.open(url))
            hunts = HuntService(shelf, logs, store.findings, store.runs, clock, ingest_delay=ingest_delay)
            digests = DigestService(hunts, store.runs, store.findings, clock, schedules)
            together.append(Replica(store, hunts, digests, clock, random.Random(number)))  # noqa: S311 - no secret
        yield together


async def told(store: SqlStore) -> Counter[tuple[Slug, datetime, RunState, int]]:
    """Every due time that has a row, with what became of it and how many others it stands for."""
    query = select(runs.c.hunt, runs.c.due_at, runs.c.state, runs.c.missed)
    async with store.database.read() as connection:
        return Counter(tuple(row) for row in await connection.execute(query))


def minutes(zone: ZoneInfo, night: str) -> Iterator[tuple[datetime, datetime]]:
    """Each minute from 23:10 of the evening before until 05:00, with the wall clock's time."""
    at = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=zone).astimezone(UTC) - 50 * MINUTE
    while (wall := at.astimezone(zone).replace(tzinfo=None, fold=0)).isoformat() < f"{night}T05":
        yield at, wall
        at += MINUTE


def expected(zone: ZoneInfo, night: str) -> Iterator[tuple[Slug, datetime]]:
    """The rules, told minute by minute: at its wall time, the first of two, or when the gap it fell into ends."""
    walked = list(minutes(zone, night))
    for time in DAILY:
        yield Slug(time), next(at for at, wall in walked if wall.isoformat() >= f"{night}T{time}")
    yield from ((Slug(HALF_HOURLY), at) for at, wall in walked if wall.minute in {0, 30})


@pytest.mark.complaint("agronholm/apscheduler#606", "#1051")
@pytest.mark.parametrize(("zone", "night"), NIGHTS)
async def test_a_night_of_changed_clocks_skips_no_digest_and_repeats_none(url: str, zone: str, night: str) -> None:
    """agronholm/apscheduler#606, #1051: such a night skipped a day, or moved the digest by an hour."""
    walked = list(minutes(ZoneInfo(zone), night))
    schedules = {Slug(time): Schedule("{1} {0} * * *".format(*time.split(":")), zone, SECURITY) for time in DAILY}
    schedules[Slug(HALF_HOURLY)] = Schedule("*/30 * * * *", zone, SECURITY)
    clock = ManualClock(walked[0][0])
    async with replicas(url, clock, schedules, ScriptedLogs([rows()])) as together:
        await together[0].tick()
        for at, wall in walked:
            if wall.minute % 30 in {0, 2}:  # as it is due, and when the lease of whoever died has run out
                clock.now = at + timedelta(seconds=7)
                mortal = 0.4 if wall.minute % 30 == 0 else 0
                await asyncio.gather(*(replica.tick(mortal) for replica in together))

        due = Counter((slug, at, RunState.DONE, 0) for slug, at in expected(ZoneInfo(zone), night))
        assert await told(together[0].store) == due


@dataclass
class LateLogs:
    """Logs whose events come some time after they happened; `faults` are what the next questions end in."""

    clock: Clock
    events: Mapping[str, tuple[datetime, datetime]]  # by event id: when it happened, when it is there
    faults: list[Exception | None] = field(default_factory=list)

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        if COUNTING in text:
            return heard(1_000, str(params["_tend"]))
        start, end = (datetime.fromisoformat(str(params[name])) for name in ("_tstart", "_tend"))
        if self.faults and (fault := self.faults.pop(0)):
            raise fault
        there = [
            row(f"p-{event}", event, at=at)
            for event, (at, arrival) in self.events.items()
            if start <= at < end and arrival <= self.clock()
        ]
        return rows(*there)


HOURLY = {GRANTS.slug: Schedule("0 * * * *", "UTC", SECURITY)}


async def three_digests(together: Sequence[Replica], clock: ManualClock) -> Sequence[RunOutcome]:
    await together[0].tick()
    for hour in range(1, 4):
        clock.now = START + hour * HOUR + timedelta(seconds=7)
        await asyncio.gather(*(replica.tick() for replica in together))
    store = together[0].store
    async with store.database.read() as connection:
        ids = (await connection.execute(select(runs.c.id).order_by(runs.c.due_at))).scalars().all()
    return [await store.runs.outcome(run) for run in ids]


def late_logs(clock: Clock, *faults: Exception | None) -> LateLogs:
    """Something happens every five minutes, and arrives within an hour."""
    chance = random.Random(4)  # noqa: S311 - no secret
    happened = [START + 5 * n * MINUTE for n in range(1, 36)]
    return LateLogs(
        clock, {f"e-{n}": (at, at + chance.random() * HOUR) for n, at in enumerate(happened)}, list(faults)
    )


def found(outcomes: Sequence[RunOutcome]) -> Counter[str]:
    """How often each event was news."""
    told = (finding for outcome in outcomes for finding, novelty in outcome.findings if novelty is not Novelty.KNOWN)
    return Counter(finding.face.id for finding in told)


@pytest.mark.parametrize(
    "faults", [[], [None, LogSearchUnavailable("down")]], ids=["all well", "the second one fails"]
)
async def test_what_comes_up_to_an_hour_late_is_found_once(url: str, faults: list[Exception | None]) -> None:
    clock = ManualClock(START)
    logs = late_logs(clock, *faults)
    async with replicas(url, clock, HOURLY, logs) as together:
        outcomes = await three_digests(together, clock)

    failed = RunState.FAILED if faults else RunState.DONE
    assert [outcome.run.state for outcome in outcomes] == [RunState.DONE, failed, RunState.DONE]
    assert found(outcomes) == Counter(event for event, (_, arrival) in logs.events.items() if arrival <= clock())


async def test_without_the_overlap_it_would_not_be_found(url: str) -> None:
    clock = ManualClock(START)
    logs = late_logs(clock)
    async with replicas(url, clock, HOURLY, logs, ingest_delay=timedelta(0)) as together:
        outcomes = await three_digests(together, clock)

    assert len(found(outcomes)) < sum(arrival <= clock() for _, arrival in logs.events.values())
