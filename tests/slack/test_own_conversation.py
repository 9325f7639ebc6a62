"""A person's own conversation with huntbot, where refusals send whoever asks in a wrong place: nobody reads along."""

import time
from dataclasses import replace

import pytest

from local.slack.errors import SlackError
from local.slack.model import Message, Outcome, User
from local.slack.sample import HUNTS, MAYA, PARTNERS, TOMAS, sample_app, sample_workspace
from tests.slack.house import House, shown


def own(house: House, who: User) -> str:
    return str(house.slack.directory.direct_message(who.id).id)


def messages(house: House, who: User) -> list[Message]:
    return list(house.slack.messages_for(who.id, own(house, who)))


async def test_whoever_is_sent_there_gets_the_answer_there(house: House) -> None:
    house.logs.happen("alice", "e-1")
    refused = await house.hunt(MAYA, "grants", PARTNERS)
    assert refused.message is not None
    assert "in your conversation with huntbot" in refused.message.text

    seen = await house.hunt(MAYA, "grants", own(house, MAYA))

    assert seen.outcome is Outcome.ACCEPTED
    answer = await house.until(lambda: next((m for m in messages(house, MAYA) if "1 hit" in shown(m)), None))
    assert "alice" in shown(answer)
    assert house.said(TOMAS) == []
    assert house.said(TOMAS, PARTNERS) == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("list", "grants"),
        ("findings", "alice may"),
        ("show F-1", "alice may"),
        ("F-1", "alice may"),
        ("status", "hunt"),
        ("help", "What you can type"),
    ],
)
async def test_whatever_only_reads_is_answered_there(house: House, typed: str, says: str) -> None:
    await house.find_one(MAYA)
    await house.hunt(TOMAS, typed, own(house, TOMAS))

    await house.until(lambda: any(says in line for line in house.said(TOMAS, own(house, TOMAS))))


async def test_an_export_that_is_asked_for_there_comes_there(house: House) -> None:
    await house.find_one(MAYA)
    await house.hunt(TOMAS, "export ndjson", own(house, TOMAS))

    [file] = await house.until(lambda: [m for m in messages(house, TOMAS) if m.files])
    assert "1 finding of /hunt findings open" in file.text


async def test_where_the_app_lets_nobody_write_there_slack_says_so() -> None:
    """Slack's switch (`messages_tab_read_only_enabled`), which the manifest leaves off."""
    app = replace(sample_app(), is_messages_tab_read_only=True)
    workspace = sample_workspace(clock=time.time, app=app)
    channel = workspace.directory.direct_message(MAYA.id).id

    seen = await workspace.run_command(MAYA.id, channel, "/hunt", "list")

    assert (seen.outcome, seen.error) == (Outcome.FAILED, "messages_tab_disabled")
    with pytest.raises(SlackError, match="messages_tab_disabled"):
        await workspace.say(MAYA.id, channel, "hello")
    assert (await workspace.say(MAYA.id, HUNTS, "hello")).text == "hello"
