"""Lists as files, over real sockets: a menu on an answer and on a queue, and `/hunt export`."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.blocks import actions
from handlers import jobs
from handlers.exports import COMES_ALONE, COMES_HERE
from local.slack.faults import DropAnswer, refusal
from local.slack.model import Message, User
from local.slack.sample import HUNTS, MAYA, QUIET, TOMAS
from tests.slack.house import House, shown


def files_in(house: House, channel: str, who: User = MAYA) -> Sequence[Message]:
    return [m for m in house.slack.messages_for(who.id, channel) if m.files]


def alone(house: House, who: User) -> Sequence[Message]:
    """The files in a person's own conversation with the bot."""
    return files_in(house, house.slack.directory.target(who.id).id, who)


def content(house: House, message: Message) -> str:
    return house.slack.files.body(message.files[0].id).decode()


async def answered(house: House, number: int) -> Message:
    """The answer of a run that found so many."""
    for n in range(number):
        house.logs.happen(f"p{n}", f"e-{n}")
    await house.hunt(MAYA, "grants")
    answer: Message = await house.until(
        lambda: next(
            (m for m in house.slack.messages_for(MAYA.id, HUNTS) if f"{number} hit" in shown(m) and not m.is_reply),
            None,
        )
    )
    await house.at_rest()
    return house.again(answer)


async def test_the_menu_on_an_answer_puts_its_result_into_the_thread(house: House) -> None:
    answer = await answered(house, 7)

    await house.press(TOMAS, answer, actions.EXPORT, "csv:run:1")

    [message] = await house.until(lambda: [m for m in house.slack.thread_for(MAYA.id, HUNTS, answer.ts) if m.files])
    rows = list(csv.DictReader(io.StringIO(content(house, message), newline="")))
    assert sorted(row["principal"] for row in rows) == [f"p{n}" for n in range(7)]
    assert message.text == "7 findings of run 1 of /hunt grants, as CSV."
    assert await house.until(lambda: house.privately(TOMAS)) == [COMES_HERE]


async def test_a_queue_is_exported_as_it_is_typed_to_whoever_typed_it_alone(house: House) -> None:
    house.logs.happen("alice", "e-1", severity="critical")
    house.logs.happen("bob", "e-2", severity="low")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: house.card(MAYA, "F-2"))

    seen = await house.hunt(TOMAS, "export ndjson critical")

    [message] = await house.until(lambda: alone(house, TOMAS))
    assert seen.message is not None
    assert (seen.message.ephemeral_to, seen.message.text) == (TOMAS.id, COMES_ALONE)
    assert (files_in(house, HUNTS), files_in(house, HUNTS, TOMAS)) == ([], [])
    [line] = content(house, message).splitlines()
    told = json.loads(line)
    assert (told["id"], told["principal"], told["state"]) == ("F-1", "alice", "open")
    assert message.files[0].name.startswith("findings-open-")


async def test_what_one_person_sees_alone_is_sent_to_them_alone(house: House) -> None:
    await answered(house, 3)
    await house.hunt(TOMAS, "findings open")
    queue = await house.until(
        lambda: next((m for m in house.slack.messages_for(TOMAS.id, HUNTS) if m.ephemeral_to == TOMAS.id), None)
    )

    await house.press(TOMAS, queue, actions.EXPORT, "csv:queue:open")

    [message] = await house.until(lambda: alone(house, TOMAS))
    assert len(content(house, message).splitlines()) == 1 + 3
    assert files_in(house, HUNTS) == []


async def test_where_the_bot_does_not_speak_the_file_goes_to_the_asker_alone(house: House) -> None:
    await answered(house, 1)

    await house.hunt(MAYA, "export", QUIET)

    [message] = await house.until(lambda: alone(house, MAYA))
    assert len(content(house, message).splitlines()) == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("export xlsx", "xlsx: no option here; there are csv, ndjson, open, mine"),
        ("export csv ndjson", "file: is given twice; give it once"),
        ("export hunt:nothing", "There is no hunt called nothing"),
    ],
)
async def test_what_can_not_be_exported_is_said(house: House, typed: str, said: str) -> None:
    await house.hunt(TOMAS, typed)
    assert said in (await house.until(lambda: house.privately(TOMAS)))[-1]


async def test_a_file_that_slack_refuses_is_told_to_whoever_asked(house: House) -> None:
    await answered(house, 1)
    house.slack.faults.switch_on("files.getUploadURLExternal", refusal("missing_scope"))

    await house.hunt(TOMAS, "export")

    told = await house.until(lambda: next((s for s in house.privately(TOMAS) if "files:write" in s), None))
    assert "No file of /hunt findings open" in told


async def test_a_file_whose_answer_was_lost_comes_again_rather_than_not_at_all(house: House) -> None:
    await answered(house, 1)
    house.slack.faults.add("files.completeUploadExternal", DropAnswer())

    await house.hunt(TOMAS, "export")
    await house.until(lambda: alone(house, TOMAS))
    await house.until(lambda: not house.life.bot.background.holds("file 1"))
    house.clock.ahead += timedelta(seconds=10)
    await jobs.tick(house.life.bot.services, house.life.bot.background)
    await house.until(lambda: len(alone(house, TOMAS)) == 2)


async def test_nothing_to_export_is_said(house: House) -> None:
    await house.hunt(TOMAS, "export mine")
    told = await house.until(lambda: next((s for s in house.privately(TOMAS) if "nothing in it" in s), None))
    assert "No file of /hunt findings mine" in told
