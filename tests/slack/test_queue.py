"""The queue end to end over real sockets: narrowed by what is typed, a page at a time, and in the Home tab."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.home import end_of_day
from bot.domain.responder import UserId
from bot.domain.triage import Move, Resolution
from local.slack.model import Message, User, View
from local.slack.sample import AUDITOR, HUNTS, MAYA, TOMAS
from tests.slack.house import House, shown
from tests.unit.blocks.examples import read

DAY = timedelta(days=1)


async def found(house: House, number: int, **columns: str) -> None:
    """So many findings, each posted; their principals are p0, p1, ..."""
    for n in range(number):
        house.logs.happen(f"p{n}", f"e-{n}", **columns)
    await house.hunt(MAYA, "grants")
    await house.until(lambda: any(f"{number} hits = " in said for said in house.said(MAYA)))
    await house.at_rest()


async def ask(house: House, typed: str, who: User = TOMAS) -> Message:
    """The latest private answer."""
    before = {message.ts for message in mine(house, who)}
    await house.hunt(who, typed)
    answer: Message = await house.until(lambda: next((m for m in mine(house, who) if m.ts not in before), None))
    return answer


def mine(house: House, who: User) -> Sequence[Message]:
    return [m for m in house.slack.messages_for(who.id, HUNTS) if m.ephemeral_to == who.id]


def refs(text: str) -> list[str]:
    return [word for word in text.replace("\n", " ").split() if word.startswith("F-")]


def latest(house: House, says: str) -> Message | None:
    """The last private message, once it says so."""
    last = mine(house, TOMAS)[-1]
    return last if says in shown(last) else None


async def test_a_queue_is_paged_in_the_same_private_message(house: House) -> None:
    await found(house, 23)
    first = await ask(house, "findings open")
    assert "Not resolved  showing 10 of 23" in shown(first)

    await house.press(TOMAS, first, f"{actions.QUEUE_PAGE}:next")
    second = await house.until(lambda: latest(house, "showing 11 to 20 of 23"))
    assert len(mine(house, TOMAS)) == 1
    await house.press(TOMAS, second, f"{actions.QUEUE_PAGE}:next")
    third = await house.until(lambda: latest(house, "showing 21 to 23 of 23"))

    pages = [refs(shown(page)) for page in (first, second, third)]
    assert sorted(pages[0] + pages[1] + pages[2], key=lambda ref: int(ref[2:])) == [f"F-{n}" for n in range(1, 24)]
    assert "Next 10" not in read(list(third.blocks))
    await house.press(TOMAS, third, f"{actions.QUEUE_PAGE}:top")
    await house.until(lambda: "showing 10 of 23" in shown(mine(house, TOMAS)[-1]))


async def test_a_page_goes_on_where_the_last_one_ended_whatever_was_resolved_meanwhile(house: House) -> None:
    await found(house, 12)
    first = await ask(house, "findings")
    triage = house.life.bot.services.triage
    for ref in refs(shown(first)):
        await triage.press(FindingId(int(ref[2:])), Move.RESOLVE, UserId(MAYA.id), resolution=Resolution.BENIGN)

    await house.press(TOMAS, first, f"{actions.QUEUE_PAGE}:next")
    second = await house.until(lambda: next((m for m in mine(house, TOMAS)[-1:] if m.blocks != first.blocks), None))
    assert len(refs(shown(second))) == 2
    assert not set(refs(shown(second))) & set(refs(shown(first)))


async def test_what_is_typed_narrows_it(house: House) -> None:
    house.logs.happen("alice", "e-1", severity="critical", account="111122223333")
    house.logs.happen("bob", "e-2", severity="high", account="444455556666")
    house.logs.happen("carol", "e-3", severity="low")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: house.card(MAYA, "F-3"))
    house.clock.ahead += 2 * DAY
    house.logs.happen("dave", "e-4", severity="critical")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: house.card(MAYA, "F-4"))

    told = {
        "findings critical": ["alice", "dave"],
        "findings high": ["alice", "dave", "bob"],
        "findings older:2d": ["alice", "bob", "carol"],
        "findings critical older:1d": ["alice"],
        "findings account:4444-5555-6666": ["bob"],
        "findings principal:“AL”": ["alice"],
        "findings hunt:grants low older:1d": ["alice", "bob", "carol"],
        "findings untaken principal:nobody": [],
    }
    for typed, principals in told.items():
        answer = shown(await ask(house, typed))
        assert [line.split()[3] for line in answer.splitlines() if " may " in line] == principals, typed
    seen = await house.hunt(TOMAS, "findings hunt:grant")
    assert seen.message is not None
    assert "Did you mean grants?" in seen.message.text


# --- the Home tab --------------------------------------------------------------------------------------


def home(house: House, who: User = MAYA) -> str:
    view = house.slack.home_of(who.id)
    return read(view.blocks) if view else ""


def control(view: View, action_id: str) -> dict[str, Any]:
    """An element of it, as Slack drew it."""
    elements = [element for block in view.blocks for element in block.get("elements", ())]
    found: dict[str, Any] = next(e for e in elements if str(e.get("action_id")) == action_id)
    return found


async def choose(house: House, menu: str, label: str, who: User = MAYA) -> None:
    view = house.slack.home_of(who.id)
    assert view is not None
    options = control(view, f"{actions.HOME_CHOOSE}:{menu}")["options"]
    value = next(option["value"] for option in options if option["text"]["text"] == label)
    await house.slack.press_in_view(who.id, view.id, f"{actions.HOME_CHOOSE}:{menu}", chosen=value)


async def test_home_shows_what_is_mine_and_what_nobody_has(house: House) -> None:
    await found(house, 4)
    triage = house.life.bot.services.triage
    await triage.press(FindingId(1), Move.ACKNOWLEDGE, UserId(MAYA.id))
    tonight = end_of_day(house.clock(), ZoneInfo(MAYA.tz))
    await triage.press(FindingId(2), Move.SNOOZE, UserId(TOMAS.id), until=tonight)
    await triage.press(FindingId(3), Move.SNOOZE, UserId(TOMAS.id), until=tonight + timedelta(hours=1))
    await house.slack.open_home(MAYA.id)
    await house.until(lambda: "Held by you  showing 1 of 1" in home(house))

    assert "Nobody has it  showing 1 of 1" in home(house)
    assert "Snoozes that end today  showing 1 of 1" in home(house)


async def test_home_is_filtered_and_paged_and_remembers_what_was_chosen(house: House) -> None:
    await found(house, 12)
    await house.slack.open_home(MAYA.id)
    await house.until(lambda: "Nobody has it  showing 10 of 12" in home(house))

    await choose(house, "queue", "All that is not resolved")
    await house.until(lambda: "Not resolved  showing 10 of 12" in home(house))
    assert "Nobody has it  showing" not in home(house)
    await house.slack.press_in_view(MAYA.id, _view(house).id, f"{actions.HOME_CHOOSE}:open:next")
    await house.until(lambda: "showing 11 to 12 of 12" in home(house))
    await choose(house, "severity", "Critical")
    await house.until(lambda: "Not resolved · critical: none." in home(house))
    await house.slack.open_home(MAYA.id)
    await house.until(lambda: "Not resolved · critical: none." in home(house))
    await choose(house, "queue", "Overview")
    await house.until(lambda: "Nobody has it  showing 10 of 12" in home(house))


def _view(house: House, who: User = MAYA) -> View:
    view = house.slack.home_of(who.id)
    assert view is not None
    return view


async def test_home_updates_itself_for_whoever_looked_lately_and_for_nobody_else(house: House) -> None:
    card = await house.find_one(MAYA)
    await house.slack.open_home(MAYA.id)
    await house.until(lambda: "Nobody has it  showing 1 of 1" in home(house))
    before = _view(house).hash

    await house.press(TOMAS, card, actions.ACKNOWLEDGE)
    await house.until(lambda: "Nobody has it: none." in home(house))

    assert _view(house).hash != before
    assert house.slack.home_of(TOMAS.id) is None
    published = [call for call in house.slack.calls if call.method == "views.publish"]
    assert len(published) == 2
    assert "hash" in published[-1].arguments


async def test_a_hunt_that_failed_stands_in_home(house: House) -> None:
    house.logs.is_down = True
    await house.hunt(TOMAS, "grants")
    await house.until(lambda: any("It did not run" in said for said in house.said(MAYA)))
    await house.slack.open_home(MAYA.id)

    await house.until(lambda: "Hunts that failed  showing 1 of 1" in home(house))
    assert "grants failed 1 time in a day" in home(house)


async def test_whoever_may_not_look_sees_no_rows(house: House) -> None:
    await house.find_one(MAYA)
    await house.slack.open_home(AUDITOR.id)
    await house.until(lambda: "takes no orders from guests" in home(house, AUDITOR))

    assert "alice" not in json.dumps(_view(house, AUDITOR).blocks)
