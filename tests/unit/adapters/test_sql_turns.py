"""Whose turn it is to write."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.adapters.sql.turns import Turns

Waiter = tuple[str, bool]  # name, is urgent


async def come(turns: Turns, waiters: Sequence[Waiter], order: list[str]) -> list["asyncio.Task[None]"]:
    """Each comes in its place, and writes its name down when it is its turn."""

    async def wait(name: str, *, is_urgent: bool) -> None:
        await turns.take(is_urgent=is_urgent)
        order.append(name)
        turns.pass_on()

    tasks = []
    for name, is_urgent in waiters:
        tasks.append(asyncio.create_task(wait(name, is_urgent=is_urgent)))
        await asyncio.sleep(0)
    return tasks


@pytest.mark.parametrize(
    ("came", "served"),
    [
        ([("a", False), ("b", False), ("c", False)], "abc"),
        ([("a", False), ("b", False), ("C", True)], "Cab"),
        ([("a", False), ("b", False), ("C", True), ("D", True), ("E", True)], "CaDbE"),
        ([("C", True), ("D", True), ("a", False)], "CaD"),
    ],
)
async def test_the_urgent_and_the_others_are_served_by_turns(came: list[Waiter], served: str) -> None:
    turns, order = Turns(), list[str]()
    await turns.take()
    tasks = await come(turns, came, order)

    turns.pass_on()
    await asyncio.gather(*tasks)

    assert "".join(order) == served


async def test_whoever_gave_up_holds_nobody_up() -> None:
    turns, order = Turns(), list[str]()
    await turns.take()
    gave_up, *others = await come(turns, [("a", False), ("b", False), ("C", True)], order)
    gave_up.cancel()
    await asyncio.sleep(0)

    turns.pass_on()
    await asyncio.gather(*others)

    assert order == ["C", "b"]


async def test_a_turn_given_to_somebody_who_just_gave_up_is_passed_on() -> None:
    turns, order = Turns(), list[str]()
    await turns.take()
    gave_up, other = await come(turns, [("a", False), ("b", False)], order)

    turns.pass_on()
    gave_up.cancel()
    await other

    assert order == ["b"]
    await asyncio.wait_for(turns.take(), 1)
