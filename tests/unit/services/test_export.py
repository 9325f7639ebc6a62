"""Exports: what the file holds, where it goes, and what becomes of one that does not go."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.blocks import summary
from bot.domain.export import LEASE, TRIES, Export, ExportRequest, FileFormat
from bot.domain.message import ExportNotice
from bot.domain.queue import Asked
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import RunId
from bot.errors import OutcomeUnknown, RateLimited, RouteBroken, StoreError, WorkspaceUnavailable
from bot.services import ExportService
from tests.examples import ANNA, SECURITY, SHELF, asked, people, row, rows
from tests.house import House, open_house
from tests.stand_ins import START, Uploaded

QUEUE = ExportRequest(FileFormat.CSV, ANNA, START, SECURITY, SECURITY, queue=Asked(), delivery="T1")


async def exported(house: House, request: ExportRequest) -> Export:
    stored = await house.services.exports.request(request)
    assert stored is not None
    await house.services.exports.work(stored.id)
    return stored


def table(file: Uploaded) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode(), newline="")))


def notices(house: House) -> list[str]:
    return [what.why for _, _, what in house.slack.whispers if isinstance(what, ExportNotice)]


async def test_a_queue_becomes_a_table_where_it_was_asked_for(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"), row("=bob()", "e-2", severity="critical"))) as house:
        await house.hunt()
        await exported(house, replace(QUEUE, thread=MessageTs("7.7")))

    [file] = house.slack.files
    assert (file.channel, file.thread) == (SECURITY, "7.7")
    assert (file.name, file.comment) == (
        "findings-open-2026-11-02-0900.csv",
        "2 findings of /hunt findings open, as CSV.",
    )
    first, second = table(file)
    assert (first["id"], first["principal"], first["severity"], first["hunt"]) == (
        "F-1",
        "'=bob()",
        "critical",
        "grants",
    )
    assert (second["principal"], second["state"], second["count"], second["event_id"]) == (
        "alice",
        "open",
        "1",
        "e-1",
    )


async def test_the_result_of_a_run_becomes_lines_of_json(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"), row("alice", "e-2"))) as house:
        run = await house.hunt()
        await exported(house, replace(QUEUE, file=FileFormat.NDJSON, queue=None, run=run.id))

    [file] = house.slack.files
    [line] = file.content.decode().splitlines()
    told = json.loads(line)
    assert (told["id"], told["count"], told["events"]) == ("F-1", 2, ["e-2", "e-1"])
    assert (file.name, file.comment) == (
        "grants-run-1-2026-11-02-0900.ndjson",
        "1 finding of run 1 of /hunt grants, as NDJSON.",
    )


async def test_what_one_person_alone_was_answered_goes_to_the_person_alone(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(1)) as house:
        run = await house.hunt(asked(is_private=True))
        await exported(house, replace(QUEUE, queue=None, run=run.id, thread=MessageTs("1.1")))
        await exported(house, replace(QUEUE, channel=None, delivery="T2"))

    assert [(file.channel, file.thread) for file in house.slack.files] == [(ChannelId(ANNA), None)] * 2


async def test_a_delivery_that_comes_again_makes_no_second_file(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(1)) as house:
        await house.hunt()
        stored = await exported(house, QUEUE)
        assert await house.services.exports.request(QUEUE) is None
        await house.services.exports.work(stored.id)
        assert await house.services.exports.left() == []

    assert len(house.slack.files) == 1


async def test_a_file_that_would_be_too_long_says_so_and_has_the_worst(tmp_path: Path) -> None:
    async with open_house(
        tmp_path, rows(*(row(f"p{n}", f"e-{n}") for n in range(4)), row("x", "e-9", severity="critical"))
    ) as house:
        await house.hunt()
        service = ExportService(
            *(house.store.exports, house.store.runs, SHELF, house.slack, house.clock), summary.filled, most=3
        )
        stored = await service.request(QUEUE)
        assert stored is not None
        await service.work(stored.id)

    [file] = house.slack.files
    assert len(table(file)) == 3
    assert table(file)[0]["principal"] == "x"
    assert file.comment.startswith("3 findings of /hunt findings open, as CSV. There are more: one file takes 3,")


async def test_an_empty_list_is_told_rather_than_sent(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await exported(house, QUEUE)

    assert house.slack.files == []
    assert notices(house) == ["there is nothing in it."]


async def test_what_slack_does_not_take_is_tried_again_later(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(1)) as house:
        await house.hunt()
        house.slack.faults += [WorkspaceUnavailable("http_503"), RateLimited("ratelimited")]
        stored = await exported(house, QUEUE)
        assert await house.services.exports.left() == []
        house.clock.advance(timedelta(seconds=10))
        assert await house.services.exports.left() == [stored.id]
        await house.services.exports.work(stored.id)
        house.clock.advance(timedelta(seconds=20))
        await house.services.exports.work(stored.id)

    assert len(house.slack.files) == 1
    assert notices(house) == []


async def test_a_file_whose_answer_was_lost_may_come_twice_and_never_not_at_all(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(1)) as house:
        await house.hunt()
        house.slack.lost_answers.append(OutcomeUnknown("TimeoutError"))
        stored = await exported(house, QUEUE)
        house.clock.advance(timedelta(seconds=10))
        await house.services.exports.work(stored.id)

    assert [file.name for file in house.slack.files] == ["findings-open-2026-11-02-0900.csv"] * 2


@pytest.mark.parametrize(
    ("fault", "tries", "why"),
    [
        (RouteBroken("missing_scope"), 1, "lacks the scope files:write"),
        (RouteBroken("is_archived"), 1, "Slack did not take it (is_archived). Ask again with /hunt export"),
        (WorkspaceUnavailable("http_500"), TRIES, "Slack did not take it (http_500). Ask again with /hunt export"),
    ],
    ids=["no scope", "the channel is archived", "tried often enough"],
)
async def test_a_file_that_is_lost_is_told(tmp_path: Path, fault: Exception, tries: int, why: str) -> None:
    async with open_house(tmp_path, people(1)) as house:
        await house.hunt()
        stored = await house.services.exports.request(QUEUE)
        assert stored is not None
        for _ in range(tries):
            assert notices(house) == []
            house.slack.faults.append(fault)
            await house.services.exports.work(stored.id)
            house.clock.advance(LEASE)
        assert await house.services.exports.left() == []

    [told] = notices(house)
    assert why in told
    assert house.slack.files == []


async def test_what_a_crash_left_is_taken_up_after_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(1)) as house:
        await house.hunt()
        stored = await house.services.exports.request(QUEUE)
        assert stored is not None
        await house.store.exports.take(stored.id, START)  # and nothing more
    async with open_house(tmp_path) as house:
        assert await house.services.exports.left() == [stored.id]
        await house.services.exports.work(stored.id)

    assert len(house.slack.files) == 1


async def test_an_export_of_a_run_that_never_was_is_no_request(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        with pytest.raises(StoreError, match="There is no run 9"):
            await house.services.exports.request(replace(QUEUE, queue=None, run=RunId(9)))
