"""A bare `/hunt` end to end over real sockets: a form that opens, runs what it asks for, and says what is wrong."""

import json
from pathlib import Path

import pytest

from bot.blocks import actions
from local.slack.faults import refusal
from local.slack.model import Outcome, Values, View
from local.slack.sample import GENERAL, GUEST, HUNTS, MAYA, PARTNERS, QUIET, TOMAS
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house, shown


async def open_picker(house: House, channel: str = HUNTS) -> View:
    await house.hunt(TOMAS, "", channel)
    forms = await house.until(lambda: house.slack.modals_of(TOMAS.id), time_passes=False)
    form: View = forms[-1]
    return form


def picked(hunt: str = "grants", **fields: str) -> Values:
    return {name: {name: value} for name, value in {actions.PICKED_HUNT: hunt, **_named(fields)}.items()}


def _named(fields: dict[str, str]) -> dict[str, str]:
    return {f"picked.{name}": value for name, value in fields.items()}


async def test_it_opens_as_a_form_and_runs_what_is_picked(house: House) -> None:
    house.logs.happen("alice", "e-1")
    house.logs.happen("bob", "e-2", severity="low")
    form = await open_picker(house)
    assert house.privately(TOMAS) == []

    chosen = picked(window="24h", severity="high", account="1111-2222-3333", principal="ali")
    assert (await house.slack.submit_view(TOMAS.id, form.id, chosen)).outcome is Outcome.CLOSED

    (answer,) = await house.until(lambda: [said for said in house.said(MAYA) if "hits =" in said])
    assert "+ 1 filtered out" in answer
    assert "Only account 111122223333, principal ali, severity at least high" in answer
    assert "alice may" in shown(await house.until(lambda: house.card(MAYA)))


async def test_a_form_that_is_delivered_or_submitted_again_is_one_run(house: House) -> None:
    house.logs.happen("alice", "e-1")
    form = await open_picker(house)
    await house.slack.submit_view(TOMAS.id, form.id, picked())
    await house.slack.redeliver(house.slack.envelopes[-1])
    await house.until(lambda: house.card(MAYA))
    await house.at_rest()

    assert house.logs.asked == 1


async def test_the_answer_goes_where_it_was_asked_to(house: House) -> None:
    house.logs.happen("alice", "e-1")
    form = await open_picker(house)
    await house.slack.submit_view(TOMAS.id, form.id, picked(channel=GENERAL))

    await house.until(lambda: house.card(MAYA, channel=GENERAL))
    assert house.card(MAYA, channel=HUNTS) is None


@pytest.mark.parametrize("channel", [QUIET, PARTNERS])
async def test_where_not_everybody_may_read_it_the_asker_alone_does(house: House, channel: str) -> None:
    house.logs.happen("alice", "e-1")
    house.slack.directory.join(PARTNERS, TOMAS.id)
    form = await open_picker(house)
    await house.slack.submit_view(TOMAS.id, form.id, picked(channel=channel))
    direct = next(c for c in house.slack.channels_of(TOMAS.id) if c.is_im).id

    await house.until(
        lambda: any("1 hit =" in said for said in [*house.said(TOMAS, direct), *house.said(TOMAS, channel)])
    )
    assert not any("1 hit =" in said for said in house.said(MAYA, channel))


async def test_without_a_channel_it_goes_to_the_asker_alone(house: House) -> None:
    house.logs.happen("alice", "e-1")
    await house.slack.shortcut(TOMAS.id, actions.HUNT_SHORTCUT)
    (form,) = await house.until(lambda: house.slack.modals_of(TOMAS.id), time_passes=False)
    await house.slack.submit_view(TOMAS.id, form.id, picked())
    direct = next(c for c in house.slack.channels_of(TOMAS.id) if c.is_im).id

    await house.until(lambda: any("1 hit =" in said for said in house.said(TOMAS, direct)))


@pytest.mark.parametrize(
    ("fields", "block", "told"),
    [
        ({"account": "12"}, actions.PICKED_ACCOUNT, "An AWS account is 12 digits."),
    ],
)
async def test_what_can_not_be_used_is_said_under_its_field(
    house: House, fields: dict[str, str], block: str, told: str
) -> None:
    form = await open_picker(house)
    seen = await house.slack.submit_view(TOMAS.id, form.id, picked(**fields))

    assert seen.outcome is Outcome.ERRORS
    assert told in seen.errors[block]
    assert house.logs.asked == 0


async def test_where_slack_did_not_open_it_a_press_does(house: House) -> None:
    house.slack.faults.add("views.open", refusal("expired_trigger_id"))
    await house.hunt(TOMAS, "")
    (line,) = await house.until(lambda: [m for m in house.slack.messages_for(TOMAS.id, HUNTS) if m.ephemeral_to])
    assert "Slack did not open the form in time" in shown(line)

    await house.press(TOMAS, line, actions.OPEN_PICKER)
    (form,) = await house.until(lambda: house.slack.modals_of(TOMAS.id), time_passes=False)
    assert "Run a hunt" in json.dumps(form.payload)


async def test_more_hunts_than_a_menu_holds_are_found_by_typing(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path
) -> None:
    for number in range(120):
        (tmp_path / f"many-{number:03}.toml").write_text(_HUNT.format(number=number), encoding="utf-8")
    async with open_house(slack, logs, clock, tmp_path) as house:
        form = await open_picker(house)
        offered = await slack.workspace.suggest(
            TOMAS.id, form.id, actions.PICKED_HUNT, actions.PICKED_HUNT, "many-11"
        )
        assert [option["value"] for option in offered] == [f"many-{n}" for n in range(110, 120)]
        logs.happen("alice", "e-1")
        await slack.workspace.submit_view(TOMAS.id, form.id, picked("many-111"))
        await house.until(lambda: any("/hunt many-111" in said for said in house.said(MAYA)))


_HUNT = """
[hunt]
author = "us"
description = "One of many"
uuid = "2f6c2c1e-8a54-4a0e-9c55-{number:012}"
name = "Many {number}"
license = "Apache-2.0"
language = ["ES|QL"]
query = ["FROM logs | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend | LIMIT 1000"]

[huntbot]
slug = "many-{number:03}"
"""


async def test_people_of_another_workspace_get_no_form(house: House) -> None:
    house.slack.directory.put_user(GUEST)
    house.slack.directory.join(HUNTS, GUEST.id)
    seen = await house.hunt(GUEST, "")

    assert seen.message is not None
    assert "another workspace" in seen.message.text
    assert not house.slack.modals_of(GUEST.id)
