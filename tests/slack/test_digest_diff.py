"""The digest as a diff, over real sockets: one message, the rest in its thread, and never a false all-clear."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.blocks import actions
from bot.blocks.chart import TYPE
from local.slack.faults import refusal
from local.slack.model import Message
from local.slack.sample import HUNTS, MAYA, TOMAS
from tests.slack.house import House, shown

DAY = timedelta(days=1)


def digests(house: House) -> Sequence[Message]:
    return [m for m in house.slack.messages_for(MAYA.id, HUNTS) if "🔔" in shown(m) and not m.is_reply]


async def digest(house: House) -> Message:
    """One more digest, everything that follows it posted."""
    before = len(digests(house))
    await house.hunt(MAYA, "digest grants")
    await house.until(lambda: len(digests(house)) > before)
    await house.at_rest()
    return digests(house)[-1]


@pytest.mark.complaint("digest as a diff")
async def test_a_digest_tells_what_changed_and_the_next_one_what_changed_since(house: House) -> None:
    """Digest as a diff: of two findings one is resolved and comes back, the other waits, each has its heading."""
    house.logs.happen("alice", "e-1")
    house.logs.happen("bob", "e-2", severity="critical")
    first = await digest(house)
    assert "2 from the backlog." in shown(first)
    assert "No digest of this hunt came here before." in shown(first)

    card = house.card(MAYA, "F-1")
    assert card is not None
    form = await house.resolve_form(TOMAS, card)
    await house.slack.submit_view(TOMAS.id, form.id, {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"}})
    await house.at_rest()
    house.clock.ahead += 2 * DAY
    house.logs.happen("bob", "e-3", severity="critical")
    house.logs.happen("carol", "e-4")
    second = shown(await digest(house))

    assert "1 recurred, 1 new, 1 nobody has looked at (1 for more than a day)." in second
    assert "Time to acknowledge: median " in second
    assert "Waiting longest: F-2, 2 days." in second


async def test_a_quiet_day_is_one_line(house: House) -> None:
    await digest(house)
    house.clock.ahead += DAY

    quiet = await digest(house)

    assert shown(quiet).strip().split("  ")[-1] == "quiet. Nothing new, and nothing waits for anybody."
    assert len(quiet.blocks) == 1
    assert quiet.text == "Grants on functions: quiet. Nothing new, and nothing waits for anybody."


@pytest.mark.complaint("digest as a diff")
async def test_a_day_on_which_nothing_arrived_is_no_quiet_day(house: House) -> None:
    """Digest as a diff: where nothing arrived, nothing can be said, and "no alerts" would mean "no logs"."""
    house.logs.events = 0

    told = await digest(house)

    said = "No event at all arrived from logs in this window: nothing can be said."
    assert said in shown(told)
    assert said in told.text
    assert "quiet" not in shown(told)

    await house.hunt(MAYA, "grants")
    answer = await house.until(lambda: next((s for s in house.said(MAYA) if "no all-clear" in s), None))
    assert said in answer


async def test_logs_that_can_not_be_counted_are_no_all_clear_either(house: House) -> None:
    house.logs.events = None  # type: ignore[assignment]
    assert "Whether the logs spoke at all could not be asked." in shown(await digest(house))


async def test_what_has_no_room_follows_in_the_thread_once(house: House) -> None:
    """elastic/kibana#155384: one parent, pages and cards in its thread, all of them reachable, none twice."""
    for number in range(40):
        house.logs.happen(f"p{number}", f"e-{number}")

    parent = await digest(house)

    said = shown(parent)
    assert "showing 10 of 40" in said
    assert "What is not listed here, and the cards of what was found, follow in this thread." in said
    thread = house.thread(MAYA, parent)
    pages = [reply for reply in thread if reply.startswith("From the backlog  ")]
    assert [page.split("\n")[0].split("F-")[0].strip()[:32] for page in pages] == [
        "From the backlog  11 to 35 of 40"[:32],
        "From the backlog  36 to 40 of 40"[:32],
    ]
    listed = said + "".join(pages)
    assert all(f"F-{number} " in listed.replace("\n", " ") + " " for number in range(1, 41))
    assert len(thread) == 2 + 40
    assert len(digests(house)) == 1


async def test_a_snooze_that_ends_before_the_next_digest_is_announced(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.MORE, "snooze:1")
    form = (await house.until(lambda: house.slack.modals_of(TOMAS.id), time_passes=False))[-1]
    await house.slack.submit_view(TOMAS.id, form.id, {actions.SNOOZE_BLOCK: {actions.SNOOZE: "4h"}})
    await house.at_rest()

    told = shown(await digest(house))

    assert "1 snoozed and soon awake." in told
    assert "Snoozed, and awake before the next digest  showing 1 of 1" in told


async def test_the_chart_is_drawn_by_slack_or_hangs_in_the_thread_as_a_picture(house: House) -> None:
    house.logs.happen("alice", "e-1")
    drawn = await digest(house)
    assert TYPE in [block["type"] for block in drawn.blocks]
    assert "1 finding in 14 days: 1 high." in shown(drawn)

    house.slack.faults.add("chat.update", refusal("invalid_blocks"))
    house.clock.ahead += timedelta(minutes=5)
    house.logs.happen("bob", "e-2")
    pictured = await digest(house)

    assert TYPE not in [block["type"] for block in pictured.blocks]
    replies = house.slack.thread_for(MAYA.id, HUNTS, pictured.ts)
    await house.until(lambda: any(m.files for m in house.slack.thread_for(MAYA.id, HUNTS, pictured.ts)))
    [picture] = [m for m in house.slack.thread_for(MAYA.id, HUNTS, pictured.ts) if m.files]
    assert picture.files[0].alt_text.startswith("2 findings in 14 days: 2 high.")
    assert len(replies) <= 2
