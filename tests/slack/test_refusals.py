"""What somebody reads who typed or chose what can not be done: what is wrong, and what to do instead."""

import pytest

from bot.blocks import actions
from local.slack.delivery import Envelope
from local.slack.model import Outcome, User, View
from local.slack.sample import AISHA, AUDITOR, HUNTS, MAYA, TOMAS
from tests.slack.house import House
from tests.unit.blocks.examples import read


async def told(house: House, who: User, typed: str) -> str:
    """The answer on the spot, which they alone see."""
    before = len(house.slack.messages_for(TOMAS.id, HUNTS))
    seen = await house.hunt(who, typed)
    assert seen.outcome is Outcome.ACCEPTED
    assert seen.message is not None
    assert len(house.slack.messages_for(TOMAS.id, HUNTS)) == before
    return seen.message.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("export pdf", "pdf: no option here; there are csv, ndjson, open, mine"),
        ("grants since:9999d", "since:9999d: is too long: 3653d, ten years, is the most"),
        ("findings colour:", "colour: no option here; there are open, mine"),
        ("snooze F-8", "/hunt snooze: press Snooze… (under ⋯) on the finding; /hunt show F-8 brings it up"),
        ("grnts", "There is no hunt called grnts. Did you mean grants?"),
        ("pivot", "There is no hunt called pivot. /hunt list shows them all."),
        ("findings <!channel>", "&lt;!channel&gt;: write options as open, mine"),
        ("show x\u202ey", r"There is no finding x\u{202e}y. /hunt findings shows the open ones."),
    ],
)
async def test_what_can_not_be_done_says_what_can(house: House, typed: str, says: str) -> None:
    assert (await told(house, MAYA, typed)).startswith(says)


async def test_a_long_text_is_said_back_cut_with_a_mark(house: House) -> None:
    said = await told(house, MAYA, "x" * 4_000)

    assert said.startswith("There is no hunt called xxx")
    assert "…[3,800 more]…" in said
    assert said.endswith("/hunt list shows them all.")
    assert len(said) < 300


async def test_a_findings_number_shows_it_and_its_buttons(house: House) -> None:
    await house.find_one(MAYA)
    await house.hunt(TOMAS, "F-1")

    [message] = await house.until(
        lambda: [m for m in house.slack.messages_for(TOMAS.id, HUNTS) if m.ephemeral_to == TOMAS.id and m.blocks]
    )
    for word in (actions.ACKNOWLEDGE, actions.DETAILS, "snooze:1", "resolve:1"):
        assert word in str(message.blocks)


async def test_a_finding_that_is_not_there_is_said(house: House) -> None:
    await house.hunt(TOMAS, "F-8")
    [said] = await house.until(lambda: house.privately(TOMAS))
    assert said == "There is no finding F-8. /hunt findings shows the open ones."


# --- presses: told where they were made -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action_id", "value", "says"),
    [
        (actions.DETAILS, "x", "x: this button carries no finding; open it with /hunt show F-42"),
        (actions.MORE, "resolve:8", "There is no finding F-8. /hunt findings shows the open ones."),
        (actions.SAME_AGAIN, "x:1", "x:1: this button names nothing that was said before; use Resolve… instead"),
    ],
)
async def test_a_press_on_a_message_is_answered_beside_it(
    house: House, action_id: str, value: str, says: str
) -> None:
    card = await house.find_one(MAYA)
    payload = house.slack.payloads.message_action(TOMAS, card, forged(house, action_id, value), {"values": {}})
    await house.slack.delivery.deliver(Envelope("forged", "interactive", payload))

    assert await house.until(lambda: house.privately(TOMAS)) == [says]


@pytest.mark.parametrize(
    ("action_id", "value", "says"),
    [
        (actions.COMMENT, "8", "There is no finding F-8. /hunt findings shows the open ones."),
        (f"{actions.DETAILS_PAGE}:2", "<!channel>", "<!channel>: this button is none of ours; open Details again"),
    ],
)
async def test_a_press_on_a_modal_is_answered_upon_it(house: House, action_id: str, value: str, says: str) -> None:
    """A modal has no channel for a private line."""
    details = await opened_details(house)
    payload = house.slack.payloads.view_action(MAYA, details, forged(house, action_id, value))
    await house.slack.delivery.deliver(Envelope("forged", "interactive", payload))

    await house.until(lambda: any(says in read(list(v.blocks)) for v in house.slack.modals_of(MAYA.id)))


def forged(house: House, action_id: str, value: str) -> dict[str, str]:
    """A button that stands in no message."""
    return {
        "type": "button",
        "action_id": action_id,
        "block_id": "b",
        "value": value,
        "action_ts": house.slack.mint.ts(),
    }


async def opened_details(house: House) -> View:
    card = await house.find_one(MAYA)
    await house.press(MAYA, card, actions.DETAILS)
    opened: View = await house.until(
        lambda: next((v for v in house.slack.modals_of(MAYA.id) if actions.COMMENT in str(v.blocks)), None),
        time_passes=False,
    )
    return opened


# --- forms: a field says by itself what it is -------------------------------------------------------------


async def test_an_empty_comment_is_asked_for(house: House) -> None:
    details = await opened_details(house)
    await house.slack.press_in_view(MAYA.id, details.id, actions.COMMENT)
    form = await house.until(
        lambda: next((v for v in house.slack.modals_of(MAYA.id) if actions.COMMENT_TEXT in str(v.blocks)), None),
        time_passes=False,
    )
    seen = await house.slack.submit_view(MAYA.id, form.id, {actions.COMMENT_BLOCK: {actions.COMMENT_TEXT: "  "}})

    assert (seen.outcome, seen.errors) == (Outcome.ERRORS, {actions.COMMENT_BLOCK: "Write something."})


async def test_whom_a_finding_can_not_be_given_to_is_said(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(AISHA, card, actions.MORE, "assign:1")
    [form] = await house.until(lambda: house.slack.modals_of(AISHA.id), time_passes=False)
    chosen = {actions.ASSIGNEE_BLOCK: {actions.ASSIGNEE: AUDITOR.id}}
    seen = await house.slack.submit_view(AISHA.id, form.id, chosen)

    said = "Guests hold no findings; choose a member of this workspace."
    assert (seen.outcome, seen.errors) == (Outcome.ERRORS, {actions.ASSIGNEE_BLOCK: said})


async def test_an_account_that_is_none_is_said_under_its_field(house: House) -> None:
    await house.hunt(MAYA, "")
    [form] = await house.until(lambda: house.slack.modals_of(MAYA.id), time_passes=False)
    values = {
        actions.PICKED_HUNT: {actions.PICKED_HUNT: "grants"},
        actions.PICKED_ACCOUNT: {actions.PICKED_ACCOUNT: "12"},
    }
    seen = await house.slack.submit_view(MAYA.id, form.id, values)

    assert seen.errors == {actions.PICKED_ACCOUNT: "An AWS account is 12 digits."}
