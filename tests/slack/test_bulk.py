"""Many findings at once, end to end over real sockets: confirmed with their number, done to the end, counted."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.blocks import actions
from bot.domain.bulk import Order
from bot.domain.finding import FindingId
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.run import RunId
from bot.domain.triage import Move, Resolution, State
from local.slack.model import Message, Outcome, User, View
from local.slack.sample import HUNTS, MAYA, TOMAS
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, composed, open_house
from tests.slack.test_queue import ask, found
from tests.unit.blocks.examples import read


async def form(house: House, message: Message, action_id: str, who: User = MAYA) -> View:
    """The form as it stands once it is filled."""
    await house.press(who, message, action_id)
    filled: View = await house.until(lambda: _filled(house.slack.modals_of(who.id)), time_passes=False)
    return filled


def _filled(views: Sequence[View]) -> View | None:
    return next((view for view in views if "Looking which they are" not in read(view.blocks)), None)


def answer(house: House) -> Message:
    return next(m for m in house.slack.messages_for(MAYA.id, HUNTS) if "hits = " in read(list(m.blocks)))


async def states(house: House, number: int) -> list[State]:
    triage = house.life.bot.services.triage
    return [(await triage.get(FindingId(n))).state for n in range(1, number + 1)]


async def take(house: House, finding: int, who: User = TOMAS) -> None:
    await house.life.bot.services.triage.press(FindingId(finding), Move.ACKNOWLEDGE, UserId(who.id))


@pytest.mark.complaint("alertmixer/amixr#71", "oncall#2618", "opensearch alerting#203")
async def test_all_of_a_run_are_acknowledged_and_its_thread_says_how_many(house: House) -> None:
    """alertmixer/amixr#71, oncall#2618, opensearch alerting#203: "all" was the first page."""
    await found(house, 31)
    shown = await form(house, answer(house), actions.BULK_ACKNOWLEDGE)
    assert "Acknowledge 31 findings in your name?" in read(shown.blocks)
    for finding in (2, 3):  # while she reads
        await take(house, finding)

    seen = await house.slack.submit_view(MAYA.id, shown.id, {actions.NOTE_BLOCK: {actions.NOTE: "a drill"}})
    assert seen.outcome is Outcome.UPDATED

    said = "acknowledged: 29 of 31 findings"
    await house.until(lambda: any(said in line for line in house.thread(TOMAS, answer(house))))
    told = next(line for line in house.thread(TOMAS, answer(house)) if said in line)
    assert f"<@{MAYA.id}>" in told
    assert "“a drill”" in told
    assert "2 were taken by others first." in told
    assert set(await states(house, 31)) == {State.ACKNOWLEDGED}
    triage = house.life.bot.services.triage
    event = (await triage.show(FindingId(1))).history[-1]
    assert (event.by, event.note, event.place.channel) == (MAYA.id, "a drill", HUNTS)
    lines = [line for line in house.thread(TOMAS, answer(house)) if "acknowledged it" in line]
    assert len(lines) == 2, "one line tells of all of them"


async def test_the_form_says_how_many_of_which_severities_and_not_of_the_page_alone(house: House) -> None:
    for number in range(14):
        house.logs.happen(f"p{number}", f"e-{number}", severity="critical" if number < 2 else "medium")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: any("14 hits = " in said for said in house.said(MAYA)))
    listed = await ask(house, "findings", MAYA)
    assert "Resolve all 14…" in str(listed.blocks)
    assert "showing 10 of 14" in read(list(listed.blocks))

    shown = await form(house, listed, actions.BULK_RESOLVE)
    assert "Resolve 14 findings in your name?\n🛑 2 critical, 🔶 12 medium\n" in read(shown.blocks)


async def test_what_came_after_the_queue_was_shown_is_left_alone(house: House) -> None:
    await found(house, 3)
    listed = await ask(house, "findings untaken", MAYA)
    await take(house, 1)
    house.logs.happen("late", "e-late")
    await house.hunt(TOMAS, "grants")
    await house.until(lambda: house.card(MAYA, "F-4"))

    shown = await form(house, listed, actions.BULK_ACKNOWLEDGE)
    assert "Acknowledge 2 findings in your name?" in read(shown.blocks)
    assert "3 findings shown; 1 changed since and left out." in read(shown.blocks)
    await house.slack.submit_view(MAYA.id, shown.id, {})
    await house.until(lambda: any("acknowledged: 2 findings" in said for said in house.privately(MAYA)))

    assert (await states(house, 4))[3] is State.OPEN
    assert not any("acknowledged: 2 findings" in said for said in house.said(TOMAS))


async def test_some_are_selected_over_pages_and_resolved_with_one_reason(house: House) -> None:
    await found(house, 12)
    listed = await ask(house, "findings", MAYA)
    first = await form(house, listed, actions.BULK_SELECT)
    ticks = {f"{actions.TICKS_BLOCK}:0": {actions.TICKS: ["1", "5"]}}
    await house.slack.press_in_view(MAYA.id, first.id, f"{actions.BULK_PAGE}:next", values=ticks)
    second = await house.until(
        lambda: next((v for v in house.slack.modals_of(MAYA.id) if "Page 2 of 2" in read(v.blocks)), None),
        time_passes=False,
    )
    assert "2 findings ticked so far" in read(second.blocks)

    nothing = await house.slack.submit_view(MAYA.id, second.id, {})
    assert nothing.outcome is Outcome.ERRORS
    values: Mapping[str, Mapping[str, str | Sequence[str] | None]] = {
        f"{actions.TICKS_BLOCK}:1": {actions.TICKS: ["12"]},
        actions.BULK_DEED_BLOCK: {actions.BULK_DEED: "benign"},
        actions.NOTE_BLOCK: {actions.NOTE: "<!channel> ours"},
    }
    assert (await house.slack.submit_view(MAYA.id, second.id, values)).outcome is Outcome.UPDATED
    await house.until(lambda: any("resolved as benign: 3 findings" in said for said in house.privately(MAYA)))

    closed = [n for n, state in enumerate(await states(house, 12), 1) if state is State.RESOLVED]
    assert closed == [1, 5, 12]
    triage = house.life.bot.services.triage
    assert (await triage.get(FindingId(5))).resolution is Resolution.BENIGN
    assert house.slack.notifications_of(TOMAS.id) == []


async def test_a_form_submitted_twice_is_done_once(house: House) -> None:
    await found(house, 2)
    shown = await form(house, answer(house), actions.BULK_ACKNOWLEDGE)
    await house.slack.submit_view(MAYA.id, shown.id, {})
    submission = house.slack.envelopes[-1]
    await house.until(lambda: any("acknowledged: 2 findings" in line for line in house.thread(MAYA, answer(house))))
    await house.slack.redeliver(submission)
    await house.at_rest()

    assert sum("acknowledged: 2 findings" in line for line in house.thread(MAYA, answer(house))) == 1
    history = (await house.life.bot.services.triage.show(FindingId(1))).history
    assert [event.move for event in history] == [Move.RECORDED, Move.ACKNOWLEDGE]


async def test_a_request_survives_a_restart(slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path) -> None:
    async with open_house(slack, logs, clock, tmp_path) as house:
        await found(house, 3)
        asked = answer(house)
    async with composed(slack, logs, clock, tmp_path) as bot:
        place = Place(ChannelId(HUNTS), MessageTs(asked.ts))
        bulks, who = bot.services.bulks, UserId(MAYA.id)
        offer = await bulks.offer_run(RunId(1), who, place, Move.ACKNOWLEDGE)
        await bulks.request(offer.bulk, Order(Move.ACKNOWLEDGE), offer.bulk.shown)
    async with open_house(slack, logs, clock, tmp_path) as house:
        await house.life.tick()
        await house.until(
            lambda: any("acknowledged: 3 findings" in line for line in house.thread(MAYA, answer(house)))
        )
        assert set(await states(house, 3)) == {State.ACKNOWLEDGED}
