"""The contract of Homes, over every store there is."""

from datetime import timedelta

from bot.adapters.sql import SqlStore
from bot.domain.home import SEEN_FOR, Home
from tests.examples import ANNA, BEN
from tests.stand_ins import START

HOUR = timedelta(hours=1)


async def test_it_remembers_what_was_chosen_when_it_is_opened_again(store: SqlStore) -> None:
    assert await store.homes.open(ANNA, START) == Home(ANNA, "", START)
    await store.homes.choose(Home(ANNA, "0:0:mine", START + HOUR))

    assert await store.homes.open(ANNA, START + 2 * HOUR) == Home(ANNA, "0:0:mine", START + 2 * HOUR)
    assert await store.homes.get(ANNA) == Home(ANNA, "0:0:mine", START + 2 * HOUR)
    assert await store.homes.get(BEN) is None


async def test_those_that_were_looked_at_lately_come_the_latest_first(store: SqlStore) -> None:
    await store.homes.open(ANNA, START)
    await store.homes.open(BEN, START + HOUR)

    assert [home.user for home in await store.homes.lately(START + HOUR)] == [BEN, ANNA]
    assert [home.user for home in await store.homes.lately(START + SEEN_FOR)] == [BEN]


async def test_one_that_nobody_looks_at_is_forgotten(store: SqlStore) -> None:
    await store.homes.choose(Home(ANNA, "0:0:mine", START))
    await store.homes.open(BEN, START + SEEN_FOR + HOUR)

    assert await store.homes.get(ANNA) is None
