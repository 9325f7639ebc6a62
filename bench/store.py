"""Whether the store stays as fast as it was: what people wait for, among a thousand findings and among a million.

The sizes take turns in any order, so that whatever else the machine does hits all of them alike. Each act is done
twice and timed the second time: what one size left in the caches is nothing to the next. A time is the median of
many, its ratio is to the same at the first size.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median

from sqlalchemy import select

from app import shelf
from bench import bulk
from bench.bot import digests_of
from bench.history import NEWS, NOW, ON_CALL, PEOPLE, tell
from bench.stores import Server, fresh, servers
from bot.adapters.sql import SqlStore
from bot.adapters.sql.tables import findings, runs
from bot.blocks.queue import SHOWN
from bot.domain.audit import Entry, Tip, Verdict, ended, follow
from bot.domain.finding import FindingId
from bot.domain.queue import Asked
from bot.domain.run import Run, RunId
from bot.domain.triage import Move, Queue, State
from bot.services import DigestService, TriageService

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 50
GOAL = 2.0  # times the first size's, at most
WARM_UP = 5  # rounds that do not count
SAMPLE = 20_000  # events at the end of the chain that are recomputed

Times = Mapping[int, Sequence[float]]  # seconds, by size


@dataclass(frozen=True)
class Subject:
    """A store with so many findings, and what is asked of it."""

    size: int
    store: SqlStore
    triage: TriageService
    digests: DigestService
    last: Run
    untouched: Iterator[FindingId]


Act = Callable[[Subject], Awaitable[None]]


async def show_queue(subject: Subject, which: Queue = Queue.OPEN) -> None:
    """As handlers/answers does."""
    page = await subject.triage.queue(Asked(which), PEOPLE[0], SHOWN)
    if len(page.findings) < SHOWN:
        raise RuntimeError(f"the queue {which} of {subject.size:,} findings is too short to tell anything")
    await subject.triage.standings(page.findings)


async def show_mine(subject: Subject) -> None:
    await show_queue(subject, Queue.MINE)


async def acknowledge(subject: Subject) -> None:
    pressed = await subject.triage.press(next(subject.untouched), Move.ACKNOWLEDGE, PEOPLE[0])
    if not pressed.won:
        raise RuntimeError(f"{pressed.finding.ref} was not untouched")


async def compile_digest(subject: Subject) -> None:
    digest = await subject.digests.compile(subject.last)
    if digest.new.total != NEWS:
        raise RuntimeError(f"the digest tells of {digest.new.total} new findings")


ACTS: Mapping[str, Act] = {
    "/hunt findings": show_queue,
    "/hunt findings mine": show_mine,
    "acknowledge": acknowledge,
    "digest": compile_digest,
}


def measure(sizes: Sequence[int], rounds: int, lately: int, postgres: str | None) -> bool:
    """Print a table for each database; whether all is within the goal."""
    told = f"{' -> '.join(f'{size:,}' for size in sizes)} findings, of the last {lately:,} a third waits"
    print(f"Store: {told}; medians of {rounds}, warm")
    measured = {
        name: asyncio.run(_measure(name, server, sizes, rounds, lately)) for name, server in servers(postgres).items()
    }
    return all(measured.values())


async def _measure(name: str, server: Server, sizes: Sequence[int], rounds: int, lately: int) -> bool:
    async with AsyncExitStack() as stack:
        began = time.perf_counter()
        stores = {size: await stack.enter_async_context(fresh(server)) for size in sizes}
        subjects = [await _filled(store, size, rounds, lately) for size, store in stores.items()]
        print(f"\n{name}: filled in {time.perf_counter() - began:.0f} s", flush=True)
        times = await _timed(subjects, rounds)
        print("\n".join(_table(sizes, times)))
        for subject in subjects:
            await _check_chain(subject.store)
    return all(_ratio(taken, size) <= GOAL for taken in times.values() for size in sizes)


async def _filled(store: SqlStore, size: int, rounds: int, lately: int) -> Subject:
    last_run = RunId(0)
    for rows in tell(size, lately):
        await bulk.write(store, rows)
        last_run = rows[runs][-1]["id"]
    await bulk.finish(store)
    return Subject(
        size,
        store,
        TriageService(store.findings, lambda: NOW, ON_CALL),
        digests_of(store, shelf.load([])[0], lambda: NOW),
        await store.runs.get(last_run),
        iter(await _untouched(store, size - NEWS, 2 * (rounds + WARM_UP))),
    )


async def _untouched(store: SqlStore, upto: int, wanted: int) -> Sequence[FindingId]:
    """Findings for people to press on, from all of history but the last run, which the digest tells of."""
    is_awake = (findings.c.state == State.OPEN, findings.c.snoozed_until.is_(None), findings.c.id <= upto)
    async with store.database.read() as connection:
        ids = (await connection.execute(select(findings.c.id).where(*is_awake).order_by(findings.c.id))).scalars()
    return random.Random(4).sample(list(map(FindingId, ids)), wanted)  # noqa: S311 - the same ones each time


async def _timed(subjects: Sequence[Subject], rounds: int) -> Mapping[str, Times]:
    dice = random.Random(4)  # noqa: S311 - the same order each time
    times: dict[str, dict[int, list[float]]] = {name: defaultdict(list) for name in ACTS}
    for number in range(WARM_UP + rounds):
        for name, act in ACTS.items():
            for subject in dice.sample(subjects, len(subjects)):
                taken = await _second(act, subject)
                if number >= WARM_UP:
                    times[name][subject.size].append(taken)
    return times


async def _second(act: Act, subject: Subject) -> float:
    await act(subject)
    began = time.perf_counter()
    await act(subject)
    return time.perf_counter() - began


def _table(sizes: Sequence[int], times: Mapping[str, Times]) -> Iterator[str]:
    yield " " * 20 + "".join(f"{size:>20,}" for size in sizes)
    for name, taken in times.items():
        cells = (f"{median(taken[size]) * 1000:9.1f} ms {_ratio(taken, size):5.2f} x" for size in sizes)
        yield f"{name:20}" + "".join(f"{cell:>20}" for cell in cells)


def _ratio(taken: Times, size: int) -> float:
    return median(taken[size]) / median(taken[min(taken)])


async def _check_chain(store: SqlStore) -> None:
    """Raises RuntimeError where the last of its events do not follow from each other up to its tip."""
    tip = await store.audit.tip()
    verdict = Verdict()
    async for link in store.audit.chain(max(tip.seq - SAMPLE, 0)):
        if verdict == Verdict() and isinstance(link, Entry):
            verdict = Verdict(tip=Tip(link.seq - 1, link.previous))
        verdict = follow(verdict, link)
    if fault := ended(verdict, tip).fault:
        raise RuntimeError(f"the audit chain does not hold: {fault}")
