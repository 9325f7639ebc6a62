"""Opening a store: brought up once, all or nothing, and refused where it is not ours to touch."""

import asyncio

import pytest
from sqlalchemy import delete

from bot.adapters.sql import SqlStore
from bot.adapters.sql.migrating import bring_up
from bot.adapters.sql.tables import tip
from bot.domain.audit import Entry, Tip, verify
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.queue import Wanted
from bot.domain.triage import Move, Queue
from bot.errors import StoreError
from tests.contracts.store.raw import database, differences, execute, make_older, table_names
from tests.examples import hit
from tests.stand_ins import START
from tests.storing import acknowledge, recorded


async def test_what_was_stored_is_there_after_a_restart(bare_url: str) -> None:
    async with await SqlStore.open(bare_url) as store:
        [(finding, _)] = (await recorded(store, [hit()])).findings
        await store.findings.press(finding.id, acknowledge(), NOBODY)
        stored = await store.findings.get(finding.id)
    async with await SqlStore.open(bare_url) as store:
        assert await store.findings.get(finding.id) == stored


async def test_the_revisions_make_the_schema_that_the_tables_say(bare_url: str) -> None:
    async with await SqlStore.open(bare_url):
        pass

    assert differences(bare_url) == []


@pytest.mark.parametrize("starters", [2, 5])
async def test_of_several_that_start_at_once_one_brings_the_store_up(bare_url: str, starters: int) -> None:
    await make_older(bare_url)

    async def start() -> None:
        async with database(bare_url) as opened:
            await bring_up(opened)

    await asyncio.gather(*(start() for _ in range(starters)))

    assert differences(bare_url) == []
    async with await SqlStore.open(bare_url) as store:
        assert (await store.findings.get(FindingId(1))).id == 1


async def test_a_store_of_an_older_huntbot_keeps_what_it_holds(bare_url: str) -> None:
    await make_older(bare_url)

    async with await SqlStore.open(bare_url) as store:
        chain = [link async for link in store.audit.chain()]
        verdict = verify(chain, await store.audit.tip())
        [finding] = (await store.findings.queue(Wanted(Queue.OPEN, START), 10)).findings
        marks = {str(card.key): card.mark for card in await store.outbox.of_finding(finding.id)}
        _, event = await store.findings.press(finding.id, acknowledge(), NOBODY)

        assert (verdict.fault, verdict.checked) == (None, 4)
        assert [link.seq for link in chain if isinstance(link, Entry)] == [1, 2, 3, 4]
        assert finding.face.text("principal") == "zoe"
        assert (marks["posted"], marks["sent"]) == ("posted", "sent")
        assert marks["waits"] not in {"", "waits"}
        assert event.move is Move.ACKNOWLEDGE
        assert (await store.audit.tip()).seq == 5


async def test_a_new_store_has_an_empty_chain(store: SqlStore) -> None:
    assert await store.audit.tip() == Tip()


async def test_a_migration_that_fails_leaves_nothing_behind(bare_url: str) -> None:
    execute(bare_url, "CREATE TABLE intents (id INTEGER)")  # in the way of the first revision

    with pytest.raises(StoreError, match="already exists"):
        await SqlStore.open(bare_url)

    assert table_names(bare_url) == {"intents"}


async def test_reading_works_beside_the_bot_and_writes_nothing(bare_url: str) -> None:
    async with await SqlStore.open(bare_url) as store:
        [(finding, _)] = (await recorded(store, [hit()])).findings
        async with await SqlStore.open(bare_url, is_read_only=True) as reader:
            assert (await reader.findings.get(finding.id)).id == finding.id
            with pytest.raises(StoreError, match=r"read-?only"):
                await recorded(reader, [hit()])


async def test_reading_where_no_store_is_finds_it_empty_and_leaves_it_so(bare_url: str) -> None:
    async with await SqlStore.open(bare_url, is_read_only=True) as reader:
        assert (await reader.findings.queue(Wanted(Queue.OPEN, START), 10)).total == 0

    assert table_names(bare_url) == set()


async def test_reading_a_store_of_another_version_is_refused(bare_url: str) -> None:
    await make_older(bare_url)

    with pytest.raises(StoreError, match="another version"):
        await SqlStore.open(bare_url, is_read_only=True)


async def test_a_store_of_a_newer_huntbot_is_refused(bare_url: str) -> None:
    async with await SqlStore.open(bare_url):
        pass
    execute(bare_url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="newer huntbot"):
        await SqlStore.open(bare_url)


async def test_a_write_that_fails_keeps_nothing(store: SqlStore) -> None:
    async def fail() -> None:
        async with store.database.write() as connection:
            await connection.execute(delete(tip))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await store.audit.tip() == Tip()
