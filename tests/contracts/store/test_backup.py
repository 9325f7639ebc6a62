"""A backup holds everything, restores into either database, and takes the place of nothing."""

import asyncio
import sqlite3
import stat
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.adapters.sql import SqlStore
from bot.adapters.sql.backup import Contents, back_up, restore
from bot.adapters.sql.tables import events, findings, hits, intents, run_findings
from bot.domain.bulk import Bulk, BulkId, Order
from bot.domain.escalation import OnCall
from bot.domain.export import ExportRequest, FileFormat
from bot.domain.finding import FindingId
from bot.domain.queue import Asked
from bot.domain.run import Filter
from bot.domain.triage import Move, Press
from bot.errors import BadArgument, StoreError, StoreLocked
from tests.contracts.store.conftest import STORES, Fresh
from tests.contracts.store.raw import Rows, connected, differences, everything, execute, make_older
from tests.examples import ANNA, BEN, SECURITY, asked, hit
from tests.stand_ins import ON_CALL, START
from tests.storing import DAY, LEASE, acknowledge, delivered, due, recorded, resolve

NOTIFIED = OnCall(ON_CALL)

# What a restore puts right: nobody works on anything in it yet.
UNSURE = {"intents": ("lease_until", "may_stand", "tried_at"), "runs": ("lease_until",)}
UNSURE |= dict.fromkeys(("bulks", "exports"), ("lease_until",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "huntbot.backup"


def quiet(_table: str, _rows: int) -> None:
    """Nobody watches."""


async def live(store: SqlStore) -> None:
    """What a bot's store holds after a while: work done, work under way, a purge behind it."""
    await store.runs.due_after("k", START)
    await recorded(store, [hit("old", principal="old")])
    await store.findings.press(FindingId(1), resolve("long ago \x00 \ud83d"), NOTIFIED)
    await delivered(store)
    await store.retention.take_turn(START + DAY, LEASE)
    await store.retention.purge(None, START + 2 * DAY, START + 3 * DAY)
    await recorded(store, [hit(f"e-{n}", principal=f"p{n % 7}") for n in range(2_500)])
    await recorded(store, [hit("e-1", principal="p1", revoked_at="2026-11-01T08:00:00Z")], asked(at=START + DAY))
    await store.findings.press(FindingId(2), acknowledge(), NOTIFIED)
    await store.findings.press(FindingId(2), acknowledge(BEN), NOTIFIED)
    await store.findings.press(FindingId(3), Press(Move.ESCALATE, BEN, START, delivery="d-1"), NOTIFIED)
    await store.findings.press(FindingId(4), Press(Move.SNOOZE, ANNA, START, until=START + DAY), NOTIFIED)
    await store.runs.skip(due("2026-11-01T09:00"), START)
    failed = await store.runs.request(asked(filter=Filter(principal="x*")))
    assert failed is not None
    await store.runs.fail(failed, "Elasticsearch is away", START)
    running = await store.runs.request(asked(dedupe_key="c-1"))
    assert running is not None
    await store.runs.claim(running.id, START, LEASE)
    bulk = await store.bulks.offer(Bulk(BulkId(0), ANNA, START, (FindingId(5), FindingId(6))))
    await store.bulks.request(bulk.id, Order(Move.ACKNOWLEDGE), bulk.shown, START)
    await store.bulks.take(bulk.id, START, LEASE)
    await store.homes.open(ANNA, START)
    export = await store.exports.request(ExportRequest(FileFormat.CSV, ANNA, START, SECURITY, queue=Asked()))
    assert export is not None
    await store.exports.take(export.id, START)
    await store.outbox.claim(START + DAY, LEASE)


def without(tables: Mapping[str, Rows], columns: Mapping[str, Sequence[str]]) -> dict[str, Rows]:
    return {
        name: [{k: v for k, v in row.items() if k not in columns.get(name, ())} for row in rows]
        for name, rows in tables.items()
    }


@pytest.mark.parametrize("target", STORES)
async def test_a_backup_of_a_bot_at_work_holds_everything_and_restores_into_either_database(
    url: str, fresh: Fresh, file: Path, target: str
) -> None:
    restored = fresh(target)
    async with await SqlStore.open(url) as store:
        await live(store)
        written = await back_up(url, file, quiet)
        before = everything(url)
        read = await restore(file, restored, quiet)

    assert all(before[name] for name in before if name != "routes")
    assert everything(f"sqlite:///{file}") == before
    assert without(everything(restored), UNSURE) == without(before, UNSURE)
    assert written == read == Contents({name: len(rows) for name, rows in before.items()}, written.chain)
    assert written.chain.fault is None
    assert differences(restored) == differences(f"sqlite:///{file}") == []


def forget(url: str, finding: FindingId) -> None:
    """Remove every row of a finding, as a purge does."""
    with connected(url) as connection:
        for table in (run_findings, hits, intents, events):
            connection.execute(delete(table).where(table.c.finding_id == finding))
        connection.execute(delete(findings).where(findings.c.id == finding))


async def test_the_restored_bot_goes_on_where_the_other_stopped(url: str, fresh: Fresh, file: Path) -> None:
    async with await SqlStore.open(url) as store:
        await live(store)
        [(last, _)] = (await recorded(store, [hit("last", principal="last")], asked(at=START + 9 * DAY))).findings
    forget(url, last.id)
    await back_up(url, file, quiet)

    for kind in STORES:
        restored = fresh(kind)
        await restore(file, restored, quiet, accepts_broken_chain=True)
        async with await SqlStore.open(restored) as store:
            [(new, _)] = (await recorded(store, [hit("new", principal="new")], asked(at=START + 9 * DAY))).findings
            assert new.id == last.id + 1  # what people called F-9 is never another finding


async def test_what_may_have_been_posted_since_is_looked_for_first_and_nobody_holds_anything(
    url: str, fresh: Fresh, file: Path
) -> None:
    restored = fresh("sqlite")
    async with await SqlStore.open(url) as store:
        await recorded(store, [hit()])
        [held] = await store.outbox.claim(START, LEASE)
        await back_up(url, file, quiet)
    await restore(file, restored, quiet)

    async with await SqlStore.open(restored) as store:
        [claim] = await store.outbox.claim(START + timedelta(seconds=1), LEASE)
        assert (claim.intent.key, claim.may_stand) == (held.intent.key, True)
        assert claim.intent.mark == held.intent.mark
    waiting = [row for row in everything(restored)["intents"] if row["ts"] is None]
    assert all(row["may_stand"] and row["tried_at"] is not None for row in waiting)


async def test_a_backup_is_one_file_for_its_owners_eyes_with_nothing_beside_it(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    async with await SqlStore.open(url):
        await back_up(url, folder / "b", quiet)

    assert names_in(folder) == ["b"]
    assert stat.S_IMODE((folder / "b").stat().st_mode) == 0o600
    connection = sqlite3.connect(folder / "b")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


def content(file: Path) -> bytes:
    return file.read_bytes()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_backup_takes_the_place_of_nothing(url: str, file: Path) -> None:
    some_text(file)
    before = content(file)
    async with await SqlStore.open(url):
        with pytest.raises(BadArgument, match="is there already"):
            await back_up(url, file, quiet)
    assert content(file) == before


async def test_a_backup_in_a_folder_that_is_not_there_is_refused(url: str, tmp_path: Path) -> None:
    async with await SqlStore.open(url):
        with pytest.raises(BadArgument, match="can not be made: No such file"):
            await back_up(url, tmp_path / "nowhere" / "b", quiet)


async def test_there_is_no_backup_of_nothing(bare_url: str, file: Path) -> None:
    with pytest.raises(BadArgument, match="no store yet"):
        await back_up(bare_url, file, quiet)
    assert names_in(file.parent) == []


async def test_a_restore_fills_an_empty_store_only(url: str, fresh: Fresh, file: Path) -> None:
    async with await SqlStore.open(url) as store:
        await recorded(store, [hit()])
        await back_up(url, file, quiet)
    before = everything(url)

    with pytest.raises(BadArgument, match=r"not empty \(findings: 1, "):
        await restore(file, url, quiet)
    assert everything(url) == before
    used = fresh("sqlite")
    async with await SqlStore.open(used) as store:
        await store.runs.due_after("k", START)
    with pytest.raises(BadArgument, match=r"not empty \(schedules: 1\)"):
        await restore(file, used, quiet)


async def test_a_restore_into_a_file_that_a_bot_serves_is_refused(url: str, fresh: Fresh, file: Path) -> None:
    served = fresh("sqlite")
    async with await SqlStore.open(url):
        await back_up(url, file, quiet)
    async with await SqlStore.open(served):
        with pytest.raises(StoreLocked):
            await restore(file, served, quiet)


def no_file(file: Path) -> None:
    """Leave nothing there."""
    file.unlink(missing_ok=True)


def a_folder(file: Path) -> None:
    file.mkdir()


def some_text(file: Path) -> None:
    file.write_text("SQLite format 3, or so it says " * 99)


def nothing(file: Path) -> None:
    file.touch()


def another_database(file: Path) -> None:
    execute(f"sqlite:///{file}", "CREATE TABLE findings (id INTEGER)")


@pytest.mark.parametrize("make", [no_file, a_folder, some_text, nothing, another_database])
async def test_what_is_no_backup_is_refused_before_the_store_is_touched(
    bare_url: str, file: Path, make: Callable[[Path], None]
) -> None:
    make(file)
    with pytest.raises(BadArgument, match=r"is no backup|can not be read"):
        await restore(file, bare_url, quiet)
    with pytest.raises(BadArgument, match="no store yet"):
        await back_up(bare_url, file.with_suffix(".other"), quiet)


async def test_a_broken_chain_is_told_and_restored_only_on_demand(url: str, fresh: Fresh, file: Path) -> None:
    async with await SqlStore.open(url) as store:
        [(finding, _)] = (await recorded(store, [hit()])).findings
        await store.findings.press(finding.id, acknowledge(), NOTIFIED)
    execute(url, "UPDATE events SET note = 'nothing to see' WHERE seq = 2")
    contents = await back_up(url, file, quiet)

    assert contents.chain.fault is not None
    target = fresh("postgresql")
    with pytest.raises(StoreError, match="audit chain is broken"):
        await restore(file, target, quiet)
    assert not any(rows for name, rows in everything(target).items() if name != "tip")
    assert (await restore(file, target, quiet, accepts_broken_chain=True)).chain.fault == contents.chain.fault


async def test_a_backup_of_an_older_huntbot_is_brought_up_and_left_as_it_is(bare_url: str, file: Path) -> None:
    await make_older(f"sqlite:///{file}")
    before = content(file)
    contents = await restore(file, bare_url, quiet)

    assert (contents.chain.checked, contents.chain.fault) == (4, None)
    assert content(file) == before
    async with await SqlStore.open(bare_url) as store:
        assert (await store.findings.get(FindingId(1))).face.text("principal") == "zoe"


async def test_a_backup_of_an_older_store_is_at_the_newest_schema(fresh: Fresh, file: Path) -> None:
    url = fresh("sqlite")
    await make_older(url)
    contents = await back_up(url, file, quiet)

    assert (contents.chain.checked, contents.chain.fault) == (4, None)
    assert differences(f"sqlite:///{file}") == []


async def test_a_postgresql_store_of_another_version_is_not_backed_up(fresh: Fresh, file: Path) -> None:
    url = fresh("postgresql")
    await make_older(url)
    with pytest.raises(StoreError, match="another version"):
        await back_up(url, file, quiet)


async def test_a_backup_of_a_newer_huntbot_is_refused(url: str, fresh: Fresh, file: Path) -> None:
    async with await SqlStore.open(url):
        await back_up(url, file, quiet)
    execute(f"sqlite:///{file}", "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer huntbot"):
        await restore(file, fresh("postgresql"), quiet)


def damage(file: Path) -> None:
    """Write over some of its pages."""
    pages = bytearray(file.read_bytes())
    pages[8 * 4096 : 30 * 4096] = b"\xff" * (22 * 4096)
    file.write_bytes(pages)


async def test_a_damaged_store_gives_no_backup(fresh: Fresh, file: Path) -> None:
    url = fresh("sqlite")
    async with await SqlStore.open(url) as store:
        await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(300)])
    damage(Path(url.removeprefix("sqlite:///")))

    with pytest.raises(StoreError, match=r"damaged|malformed|failed"):
        await back_up(url, file, quiet)
    assert not [name for name in names_in(file.parent) if "backup" in name]


async def test_presses_go_on_while_a_backup_is_made(url: str, file: Path) -> None:
    async with await SqlStore.open(url) as store:
        await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(20)])
        backup = asyncio.create_task(back_up(url, file, quiet))
        presses = (store.findings.press(FindingId(n + 1), acknowledge(), NOTIFIED) for n in range(20))
        assert all(event.accepted for _, event in await asyncio.gather(*presses))
        assert (await backup).chain.fault is None
    async with await SqlStore.open(f"sqlite:///{file}") as copy:
        taken = [await copy.findings.get(FindingId(n + 1)) for n in range(20)]
        assert {len(await copy.findings.history(f.id)) == 2 for f in taken if f.owner} <= {True}


async def test_progress_is_told_table_by_table(fresh: Fresh, file: Path) -> None:
    url, told = fresh("postgresql"), dict[str, int]()
    async with await SqlStore.open(url) as store:
        await recorded(store, [hit(f"e-{n}", principal=f"p{n % 7}") for n in range(2_500)])
        await back_up(url, file, told.__setitem__)
    assert (told["hits"], told["findings"]) == (2_500, 7)
