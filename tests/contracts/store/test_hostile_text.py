"""Logs are written by whoever attacks: what a database can not hold is kept all the same, and is the same again."""

import asyncio
from dataclasses import replace

import pytest

from bot.adapters.sql import SqlStore
from bot.domain.audit import verify
from bot.domain.escalation import NOBODY
from bot.domain.finding import FindingId
from bot.domain.hit import Fingerprint, HitId, read_hits
from bot.domain.rows import Value
from bot.domain.run import Filter, Novelty
from tests.examples import GRANTS, SECURITY, asked, hit, row, rows
from tests.stand_ins import START
from tests.storing import acknowledge, recorded, resolve

HOSTILE = [
    "a\x00b",
    "\x00",
    "half an emoji \ud83d",
    "\udc00 the other half",
    "\x10 0000 \x100000 \\u0000 \\x00",
    "\x10" * 3 + "0010",
    "'; DROP TABLE findings; -- %s %(x)s :x {x}",
    "\u202e\u0085\u2028\ufffe\U0010ffff",
    "🦆" * 3_000,
    "",
]


def _short(text: str) -> str:
    return ascii(text[:12])


@pytest.mark.parametrize("text", HOSTILE, ids=_short)
async def test_text_comes_back_as_it_was(store: SqlStore, text: str) -> None:
    columns: dict[str, Value] = {"principal": text, "many": (text, "x"), f"named {text}": 1}
    seen = replace(hit(), columns=columns, reason=None)
    [(finding, _)] = (await recorded(store, [seen], asked(filter=Filter(principal=text)))).findings
    await store.findings.press(finding.id, resolve(text), NOBODY)

    [stored] = await store.findings.hits(finding.id)
    assert stored.columns == columns
    assert (await store.findings.get(finding.id)).resolution_note == text
    assert (await store.findings.history(finding.id))[-1].note == text
    run = await store.runs.request(asked(filter=Filter(principal=text)))
    assert run is not None
    failed = await store.runs.fail(run, text, START)
    assert (failed.error, failed.request.filter.principal) == (text, text)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text], ids=_short)
async def test_an_event_with_such_an_id_is_known_the_next_time(store: SqlStore, text: str) -> None:
    answer = rows(row(text, text), row("alice", "e" * 5_000))
    outcomes = [await recorded(store, read_hits(GRANTS, answer, START)) for _ in range(2)]

    assert {novelty for _, novelty in outcomes[0].findings} == {Novelty.BACKLOG}
    assert {novelty for _, novelty in outcomes[1].findings} == {Novelty.KNOWN}
    assert [len(await store.findings.hits(finding.id)) for finding, _ in outcomes[1].findings] == [1, 1]


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d", "\x100000"], ids=ascii)
async def test_an_id_that_is_stored_as_it_is_compares_equal(store: SqlStore, text: str) -> None:
    seen = replace(hit(), id=HitId(text), fingerprint=Fingerprint(text))
    first, again = await recorded(store, [seen]), await recorded(store, [seen])

    assert [finding.id for finding, _ in first.findings] == [finding.id for finding, _ in again.findings]
    assert [each.id for each in await store.findings.hits(FindingId(1))] == [text]


async def test_who_pressed_and_where_may_be_any_text(store: SqlStore) -> None:
    [(finding, _)] = (await recorded(store, [hit()])).findings
    names = ["U\x00", "U\ud800", "U\x100000"]
    await asyncio.gather(*(store.findings.press(finding.id, acknowledge(name), NOBODY) for name in names))

    history = await store.findings.history(finding.id)
    assert [event.by for event in history[1:]] == names
    assert {event.place.channel for event in history[1:]} == {SECURITY}


async def test_the_audit_chain_holds_over_such_text(store: SqlStore) -> None:
    [(finding, _)] = (await recorded(store, [hit()])).findings
    for note in HOSTILE:
        await store.findings.press(finding.id, resolve(note), NOBODY)

    chain = [link async for link in store.audit.chain()]
    assert verify(chain, await store.audit.tip()).fault is None
    assert len(chain) == 1 + len(HOSTILE)
