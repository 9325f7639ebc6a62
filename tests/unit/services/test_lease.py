"""Work that goes on only while its lease is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from bot.errors import StoreBusy, StoreError
from bot.services.lease import while_kept

SOON_S = 0.005
LONG_S = 60.0


@dataclass
class Lease:
    """Extended as long as there are answers; an error is raised."""

    answers: list[bool | Exception]
    asked: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self) -> bool:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if self.asked >= 3:
            self.enough.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_work_that_ends_in_time_is_not_disturbed() -> None:
    lease = Lease([True])

    assert await while_kept(asyncio.sleep(0, "done"), lease.keep, LONG_S) == "done"
    assert lease.asked == 0


@pytest.mark.parametrize("trouble", [True, StoreBusy("busy"), StoreError("away")], ids=str)
async def test_the_lease_is_extended_again_and_again_also_when_the_store_fails_for_a_while(
    trouble: bool | Exception,
) -> None:
    lease = Lease([True, trouble, True])

    async def work() -> str:
        await lease.enough.wait()
        return "done"

    assert await while_kept(work(), lease.keep, SOON_S) == "done"
    assert lease.asked >= 3


async def test_work_whose_lease_is_lost_is_cut_off_without_a_word() -> None:
    ended = asyncio.Event()

    async def work() -> str:
        try:
            await asyncio.sleep(LONG_S)
        finally:
            ended.set()
        return "done"

    assert await while_kept(work(), Lease([True, False]).keep, SOON_S) is None
    assert ended.is_set()


async def fail() -> str:
    raise ZeroDivisionError


async def keep_badly() -> bool:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("work", "keep"), [(fail, Lease([True]).keep), (lambda: asyncio.sleep(LONG_S, "done"), keep_badly)]
)
async def test_a_fault_of_either_comes_out(
    work: Callable[[], Awaitable[str]], keep: Callable[[], Awaitable[bool]]
) -> None:
    async def worked() -> str:
        return await work()

    with pytest.raises(ZeroDivisionError):
        await while_kept(worked(), keep, SOON_S)


async def test_nothing_goes_on_after_a_cancellation() -> None:
    lease = Lease([True])
    worked = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(LONG_S)
        finally:
            worked.set()

    task = asyncio.create_task(while_kept(work(), lease.keep, SOON_S))
    await lease.enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    asked = lease.asked
    await asyncio.sleep(3 * SOON_S)

    assert (worked.is_set(), lease.asked) == (True, asked)
