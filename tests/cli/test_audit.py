"""`huntbot audit`: the export, and the verdict with its exit code."""

import asyncio
import csv
import hashlib
import io
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from tests.examples import BEN, hit
from tests.processes import run
from tests.storing import acknowledge, recorded, resolve

FORMULA = '=HYPERLINK("https://evil.example")'


@pytest.fixture
def given(tmp_path: Path) -> Mapping[str, str]:
    """A store with two findings: five events."""
    url = f"sqlite:///{tmp_path}/huntbot.db"

    async def fill() -> None:
        async with await SqlStore.open(url) as store:
            await recorded(store, [hit("e-1"), hit("e-2", principal="bob")])
            for press in (acknowledge(), acknowledge(BEN, after_s=1), resolve(FORMULA)):
                await store.findings.press(FindingId(1), press, NOBODY)

    asyncio.run(fill())
    return {"DATABASE_URL": url}


@pytest.mark.complaint("audit chain")
def test_the_log_is_one_object_a_line_that_anybody_can_check(tmp_path: Path, given: Mapping[str, str]) -> None:
    """Audit chain."""
    done = run(tmp_path, "audit", given=given)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr, [line["seq"] for line in lines]) == (0, "", [1, 2, 3, 4, 5])
    assert [(line["finding"], line["move"], line["accepted"]) for line in lines] == [
        ("F-1", "recorded", True),
        ("F-2", "recorded", True),
        ("F-1", "acknowledge", True),
        ("F-1", "acknowledge", False),
        ("F-1", "resolve", True),
    ]
    for line in lines:
        digest, previous = line.pop("hash"), line.pop("previous")
        text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest() == digest


def test_a_spreadsheet_gets_the_same_columns_and_no_formula(tmp_path: Path, given: Mapping[str, str]) -> None:
    done = run(tmp_path, "audit", "--format", "csv", given=given)

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    [objects] = [json.loads(run(tmp_path, "audit", given=given).stdout.splitlines()[0])]
    assert list(rows[0]) == [*objects, "assignee", "severity"]  # which an object names only where it has one
    assert rows[-1]["note"] == f"'{FORMULA}"
    assert len(rows) == 5


@pytest.mark.parametrize(
    ("asked", "seqs"),
    [
        (("--finding", "f1", "--since", "2026-11-02T09:00:01Z"), [1, 4]),
        (("--since", "3650d"), [1, 2, 3, 4, 5]),
    ],
)
def test_it_is_narrowed_to_a_finding_or_a_stretch(
    tmp_path: Path, given: Mapping[str, str], asked: tuple[str, ...], seqs: list[int]
) -> None:
    done = run(tmp_path, "audit", *asked, given=given)

    assert (done.returncode, [json.loads(line)["seq"] for line in done.stdout.splitlines()]) == (0, seqs)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("audit", "--since", "soon"), "--since soon: write ISO 8601"),
        (("audit", "--finding", "F-9"), "There is no finding F-9."),
        (("audit", "--format", "xml"), "xml"),
        (("audit", "verify", "--expect", "7"), "--expect 7: write what verify printed as tip"),
    ],
)
def test_what_can_not_be_used_is_said(
    tmp_path: Path, given: Mapping[str, str], arguments: tuple[str, ...], says: str
) -> None:
    done = run(tmp_path, *arguments, given=given)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


def test_a_chain_that_holds_gives_its_tip_and_knows_it_again(tmp_path: Path, given: Mapping[str, str]) -> None:
    done = run(tmp_path, "audit", "verify", given=given)
    held, tip = done.stdout.splitlines()
    again = run(tmp_path, "audit", "verify", "--expect", tip.removeprefix("tip "), given=given)

    assert (done.returncode, held, done.stderr) == (0, "holds: 5 events checked", "")
    assert (again.returncode, again.stdout) == (0, done.stdout)


def test_it_is_verified_beside_the_bot_that_writes_it(tmp_path: Path, given: Mapping[str, str]) -> None:
    async def beside() -> None:
        async with await SqlStore.open(given["DATABASE_URL"]):
            done = await asyncio.to_thread(run, tmp_path, "audit", "verify", given=given)
        assert done.returncode == 0

    asyncio.run(beside())


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        ("UPDATE events SET note = 'nothing' WHERE seq = 5", "event 5 is not as it was written"),
        ("DELETE FROM events WHERE seq = 5", "the chain ends at event 4 and was written up to 5"),
    ],
)
def test_a_broken_chain_says_where_and_exits_3(
    tmp_path: Path, given: Mapping[str, str], tampering: str, says: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "huntbot.db")) as store:
        store.execute(tampering)
        store.commit()

    done = run(tmp_path, "audit", "verify", given=given)

    assert (done.returncode, done.stdout.split()[:3]) == (3, ["held", "so", "far:"])
    assert f"the audit chain is broken: {says}" in done.stderr


def test_a_tip_that_is_not_in_it_exits_3(tmp_path: Path, given: Mapping[str, str]) -> None:
    done = run(tmp_path, "audit", "verify", "--expect", f"3:{'f' * 64}", given=given)

    assert done.returncode == 3
    assert "event 3 has another hash than it had" in done.stderr


@pytest.mark.parametrize("asked", [(), ("--finding", "F-1"), ("verify",)])
@pytest.mark.parametrize("there", [None, b""])
def test_where_there_is_no_store_nothing_holds_and_none_is_made(
    tmp_path: Path, asked: tuple[str, ...], there: bytes | None
) -> None:
    path = tmp_path / "mistyped.db"
    if there is not None:
        path.write_bytes(there)
    done = run(tmp_path, "audit", *asked, given={"DATABASE_URL": f"sqlite:///{path}"})

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"huntbot: DATABASE_URL: there is no store yet at {path}\n"
    assert [(each, each.read_bytes()) for each in tmp_path.iterdir()] == ([] if there is None else [(path, there)])
