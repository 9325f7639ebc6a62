"""Pivots: asked of the logs with what the finding says, stored, answered once, in its thread."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.finding import FindingId
from bot.domain.hunt import HuntShelf
from bot.domain.message import FindingCard, PivotReply
from bot.domain.pivot import Pivot
from bot.domain.responder import ChannelId, Place
from bot.domain.rows import Column, Rows
from bot.domain.run import Run, RunState
from bot.errors import BadArgument, LogSearchUnavailable, UnknownFinding
from tests.examples import ANNA, GRANTS, SECURITY, row, rows
from tests.examples import asked as requested
from tests.house import KNOWN, House, open_house
from tests.stand_ins import START, Posted

HOUR = timedelta(hours=1)

AROUND = "FROM logs | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend"
WHO = Pivot("Who else", f"{AROUND} AND who == ?principal AND NOT a IN (?known_accounts) | LIMIT 3", HOUR, 2 * HOUR)
WHERE = Pivot("Where from", f"{AROUND} AND ip == ?source_ip", nothing="Addresses are not always recorded.")
SHELF = HuntShelf({GRANTS.slug: replace(GRANTS, pivots=(WHO, WHERE))})

CALLS = Rows((Column("@timestamp", "date"), Column("call", "keyword")), tuple((None, f"Call{n}") for n in range(3)))
FIRST = FindingId(1)


def replies(house: House) -> Sequence[Posted]:
    return [post for post in house.slack.messages if isinstance(post.what, PivotReply)]


async def asked(house: House, pivot: Pivot = WHO, delivery: str | None = None) -> Run | None:
    return await house.services.pivots.request(FIRST, pivot.key, ANNA, Place(SECURITY), delivery)


async def worked(house: House, run: Run | None) -> Run:
    assert run is not None
    done = await house.services.hunts.work(run.id)
    assert done is not None
    await house.deliver()
    return done


async def test_it_is_asked_with_what_the_finding_says_and_nothing_else(tmp_path: Path) -> None:
    hostile = rows(row('alice") | DROP x //', "e-1"))
    async with open_house(tmp_path, hostile, CALLS, shelf=SHELF) as house:
        await house.hunt()
        done = await worked(house, await asked(house))

    at = START - HOUR
    text, params = house.logs.asked[-1]
    assert text == WHO.query
    assert params == {
        "principal": 'alice") | DROP x //',
        "_tstart": (at - HOUR).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "_tend": START.replace(second=1).strftime("%Y-%m-%dT%H:%M:%S.000Z"),  # now: the second hour is yet to come
        "known_accounts": KNOWN,
    }
    assert done.window is not None
    assert done.window.end == done.started_at == START.replace(second=1)


async def test_the_answer_is_one_message_in_the_thread_of_the_card(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), CALLS, shelf=SHELF) as house:
        await house.hunt()
        run = await asked(house)
        await house.deliver()
        [looking] = replies(house)
        done = await worked(house, run)
        [answered] = replies(house)
        [card] = house.slack.in_channel(SECURITY, FindingCard)

    assert isinstance(looking.what, PivotReply)
    assert isinstance(answered.what, PivotReply)
    assert not looking.what.run.is_over
    assert (answered.ts, answered.thread, answered.what.run) == (looking.ts, card.ts, done)
    assert done.answer is not None
    assert (done.answer.rows, done.answer.total, done.answer.is_more) == (CALLS.values, 3, True)


async def test_what_an_empty_answer_means_is_the_authors_to_say(tmp_path: Path) -> None:
    found = rows(row("alice", "e-1"))
    wide = replace(
        found, columns=(*found.columns, Column("source.ip", "ip")), values=((*found.values[0], "192.0.2.1"),)
    )
    async with open_house(tmp_path, wide, Rows(CALLS.columns, ()), shelf=SHELF) as house:
        await house.hunt()
        await worked(house, await asked(house, WHERE))
        [answered] = replies(house)

    assert isinstance(answered.what, PivotReply)
    assert answered.what.nothing == WHERE.nothing
    assert house.logs.asked[-1][1]["source_ip"] == "192.0.2.1"


async def test_logs_that_can_not_be_asked_are_said_in_the_thread(tmp_path: Path) -> None:
    fault = LogSearchUnavailable("connection refused")
    async with open_house(tmp_path, rows(row("alice", "e-1")), fault, shelf=SHELF) as house:
        await house.hunt()
        failed = await worked(house, await asked(house))
        [said] = replies(house)

    assert (failed.state, failed.error) == (
        RunState.FAILED,
        "Elasticsearch could not be asked: connection refused.",
    )
    assert isinstance(said.what, PivotReply)
    assert said.what.run == failed


async def test_a_pivot_that_a_stop_cut_off_is_taken_up_again(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), shelf=SHELF) as house:
        await house.hunt()
        run = await asked(house)
        slack = house.slack
    async with open_house(tmp_path, CALLS, shelf=SHELF, slack=slack) as house:
        left = await house.services.hunts.resume()
        assert run is not None
        assert list(left) == [run.id]
        done = await worked(house, run)

    assert done.answer is not None
    assert len(replies(house)) == 1


async def test_pressed_twice_it_is_asked_once(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), CALLS, shelf=SHELF) as house:
        await house.hunt()
        first, second = await asked(house, delivery="d-1"), await asked(house, delivery="d-2")
        await worked(house, first)
        again, redelivered = await asked(house, delivery="d-3"), await asked(house, delivery="d-3")

    assert (second, redelivered) == (None, None)
    assert again is not None


REFUSED = [
    (FindingId(9), WHO.key, UnknownFinding, "There is no finding F-9"),
    (FIRST, "0" * 12, BadArgument, "F-1: its hunt has no such question any more"),
    (FIRST, WHERE.key, BadArgument, "Where from: F-1 has no single source_ip to ask with"),
]


@pytest.mark.parametrize(("finding", "key", "error", "expected"), REFUSED)
async def test_what_can_not_be_asked_says_why(
    tmp_path: Path, finding: FindingId, key: str, error: type[Exception], expected: str
) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), shelf=SHELF) as house:
        await house.hunt()
        with pytest.raises(error, match=expected):
            await house.services.pivots.request(finding, key, ANNA)


async def test_a_finding_without_a_message_has_no_thread_to_answer_in(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), shelf=SHELF) as house:
        run = await house.services.hunts.request(requested(is_private=True, at=house.clock()))
        assert run is not None
        await house.services.hunts.work(run.id)
        with pytest.raises(BadArgument, match="it has no message yet"):
            await asked(house)


async def test_asked_from_elsewhere_it_is_answered_where_the_card_stands(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1")), CALLS, shelf=SHELF) as house:
        await house.hunt()
        run = await house.services.pivots.request(FIRST, WHO.key, ANNA, Place(ChannelId("C-ELSEWHERE")))
        await worked(house, run)
        [answered] = replies(house)

    assert answered.channel == SECURITY
