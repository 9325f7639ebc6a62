"""Decision memory and "Still true?" as people meet them: what was said before, said again, and asked again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.blocks import actions
from bot.domain.finding import FindingId
from bot.domain.responder import UserId
from bot.domain.triage import AuditEvent, Move
from local.slack.delivery import Envelope
from local.slack.model import Message, User
from local.slack.sample import HUNTS, MAYA, TOMAS
from local.slack.server import LocalSlack
from tests.slack.archive import Archive
from tests.slack.house import HUNT_FILE, Clock, House, Logs, open_house, shown
from tests.unit.blocks.examples import read

NOTE = "our own deploy <!channel>"
AGAIN = actions.SAME_AGAIN


async def found(house: House) -> None:
    """F-1 and F-2: one grantee and function, in two accounts."""
    house.logs.happen("alice", "e-1", account="111122223333")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: house.card(MAYA, "F-1"))
    house.logs.happen("alice", "e-2", account="999988887777")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: house.card(MAYA, "F-2"))


async def resolve(house: House, who: User, ref: str, reason: str, note: str = NOTE) -> None:
    card = house.card(who, ref)
    assert card is not None
    await house.press(who, card, actions.MORE, f"resolve:{ref.removeprefix('F-')}")
    forms = await house.until(lambda: house.slack.modals_of(who.id), time_passes=False)
    values: Any = {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: reason}, actions.NOTE_BLOCK: {actions.NOTE: note}}
    await house.slack.submit_view(who.id, forms[-1].id, values)
    await house.until(lambda: f"Resolved as {reason}" in shown(house.card(who, ref)))


async def telling(house: House, ref: str = "F-2") -> Message:
    """The card, once it says what was said before."""
    card: Message = await house.until(
        lambda: (card := house.card(TOMAS, ref)) and "Seen before" in shown(card) and card
    )
    return card


async def history(house: House, number: int) -> list[AuditEvent]:
    triage = house.life.bot.services.triage
    return list((await triage.show(FindingId(number))).history)


def action_ids(card: Message) -> list[str]:
    return [str(e.get("action_id")) for block in card.blocks for e in _elements(block)]


def _elements(block: Any) -> list[Any]:
    return list(block["elements"]) if block["type"] == "actions" else []


@pytest.mark.complaint("decision memory")
async def test_a_colleagues_verdict_on_the_same_is_told_and_said_again_with_one_press(house: House) -> None:
    """Decision memory: the same grantee and function was called benign, by whom and why; one click says it again."""
    await found(house)
    await resolve(house, MAYA, "F-1", "benign")
    card = await telling(house)

    told = f"Seen before: F-1 with the same grantee and function was called benign by <@{MAYA.id}> on "
    assert told in shown(card)
    assert f"“{NOTE}”" in shown(card)
    assert action_ids(card) == [actions.ACKNOWLEDGE, actions.ESCALATE, AGAIN, actions.MORE]

    await house.press(TOMAS, card, AGAIN)
    resolved = await house.until(lambda: (c := house.card(TOMAS, "F-2")) and "Resolved as benign" in shown(c) and c)

    assert f"by <@{TOMAS.id}>" in shown(resolved)
    assert f"“the same as F-1: {NOTE}”" in shown(resolved)
    assert "Seen before" not in shown(resolved)
    last = (await history(house, 2))[-1]
    assert (last.move, last.by, last.note, last.accepted) == (
        Move.RESOLVE,
        TOMAS.id,
        f"the same as F-1: {NOTE}",
        True,
    )
    await house.until(lambda: any("the same as F-1" in said for said in house.thread(TOMAS, card)))


async def test_details_and_show_say_it_too(house: House) -> None:
    await found(house)
    await resolve(house, MAYA, "F-1", "benign")
    card = await telling(house)
    told = f"Seen before: F-1 with the same grantee and function was called benign by <@{MAYA.id}> on "

    await house.press(TOMAS, card, actions.MORE, f"{actions.CHOOSE_DETAILS}:2")
    await house.until(lambda: any(told in read(view.blocks) for view in house.slack.modals_of(TOMAS.id)))
    await house.hunt(TOMAS, "show F-2")
    await house.until(lambda: any(told in line for line in house.privately(TOMAS)))


async def test_the_earlier_finding_is_one_click_away(house: House) -> None:
    await found(house)
    await resolve(house, MAYA, "F-1", "expected")
    card = await telling(house)
    earlier = house.card(MAYA, "F-1")
    assert earlier is not None

    urls = [e["url"] for b in card.blocks for p in b.get("elements", ()) for e in p.get("elements", ()) if "url" in e]

    assert [earlier.ts.replace(".", "") in url for url in urls] == [True]


async def test_a_malicious_verdict_is_shouted_and_not_offered(house: House) -> None:
    await found(house)
    await resolve(house, MAYA, "F-1", "malicious", "the back door of March")
    card = await telling(house)

    assert "🛑 Seen before: F-1 with the same grantee and function was called MALICIOUS" in shown(card)
    assert AGAIN not in action_ids(card)


async def test_what_was_said_of_something_less_severe_is_told_with_why_it_is_not_offered(house: House) -> None:
    house.logs.happen("alice", "e-1", severity="medium")
    await house.hunt(MAYA, "grants")
    await house.until(lambda: house.card(MAYA, "F-1"))
    await resolve(house, MAYA, "F-1", "benign")
    house.logs.happen("alice", "e-2", account="999988887777", severity="critical")
    await house.hunt(MAYA, "grants")
    card = await telling(house)

    assert "It was medium then: this one is worse, so judge it by itself." in shown(card)
    assert AGAIN not in action_ids(card)


async def test_a_finding_that_came_back_tells_what_was_said_of_it(house: House) -> None:
    await house.find_one(MAYA)
    await resolve(house, MAYA, "F-1", "benign")
    house.happens_later("alice", "e-2")
    await house.hunt(MAYA, "grants")
    card = await telling(house, "F-1")

    assert f"F-1 itself, before it came back, was called benign by <@{MAYA.id}>" in shown(card)
    await house.press(TOMAS, card, AGAIN)
    await house.until(lambda: "“the same as F-1: our own deploy" in shown(house.card(TOMAS, "F-1")))


async def test_two_who_say_it_again_are_told_who_was_first(house: House) -> None:
    await found(house)
    await resolve(house, MAYA, "F-1", "benign")
    card = await telling(house)

    await house.press(MAYA, card, AGAIN)
    await house.slack.delivery.deliver(forged(house, card, f"{await verdict_on(house)}:2"))

    said = await house.until(lambda: [line for line in house.privately(TOMAS) if "was first" in line])
    assert f"<@{MAYA.id}> was first: resolved it as benign" in said[0]
    assert [e.accepted for e in (await history(house, 2)) if e.move is Move.RESOLVE] == [True, False]


async def test_a_verdict_that_was_taken_back_meanwhile_is_not_said_again(house: House) -> None:
    await found(house)
    await resolve(house, MAYA, "F-1", "benign")
    card = await telling(house)
    seen = await verdict_on(house)
    triage = house.life.bot.services.triage  # from her other device
    await triage.press(FindingId(1), Move.REOPEN, UserId(MAYA.id))

    await house.slack.delivery.deliver(forged(house, card, f"{seen}:2"))

    said = await house.until(lambda: [line for line in house.privately(TOMAS) if "F-2" in line])
    assert "What was said before has changed since the message was drawn." in said[0]
    assert not (await history(house, 2))[-1].accepted
    await house.until(lambda: "Seen before" not in shown(house.card(TOMAS, "F-2")))
    assert AGAIN not in action_ids(house.again(card))


FORGED = ["1:2", "999999:2", "x:2", "2", ":2", "1;2:2", "-1:2", "9" * 40 + ":2"]


async def test_a_forged_press_resolves_nothing(house: House) -> None:
    await found(house)
    await resolve(house, MAYA, "F-1", "benign")
    card = await telling(house)

    for value in FORGED:
        await house.slack.delivery.deliver(forged(house, card, value))
    await house.until(lambda: len(house.privately(TOMAS)) == len(FORGED))

    assert "Seen before" in shown(house.card(TOMAS, "F-2"))
    assert not any(event.move is Move.RESOLVE and event.accepted for event in await history(house, 2))


def forged(house: House, card: Message, value: str) -> Envelope:
    """A press by Tomas as Slack would send it, with a value that the card does not carry."""
    action = {"type": "button", "action_id": AGAIN, "block_id": "b", "value": value}
    action |= {"action_ts": house.slack.mint.ts()}
    payload = house.slack.payloads.message_action(TOMAS, card, action, {"values": {}})
    return Envelope("forged", "interactive", payload)


async def verdict_on(house: House) -> int:
    """What the button on F-2's card carries."""
    card = house.card(TOMAS, "F-2")
    assert card is not None
    [value] = [e["value"] for b in card.blocks for e in _elements(b) if e.get("action_id") == AGAIN]
    return int(value.partition(":")[0])


# --- still true? ------------------------------------------------------------------------------------


@pytest.fixture
async def trail(slack: LocalSlack, clock: Clock, tmp_path: Path) -> AsyncIterator[House]:
    """Over the bundled sample and the embedded Elasticsearch."""
    async with open_house(slack, Archive(clock), clock, tmp_path) as house:
        yield house


async def critical(house: House) -> Message:
    """The card of the grant of payments-api to everybody."""
    await house.hunt(MAYA, "lambda-perms since:2d severity:critical")
    said = "anyone may invoke payments-api"
    cards: list[Message] = await house.until(lambda: [c for c in messages(house) if said in shown(c)])
    return cards[0]


def messages(house: House) -> list[Message]:
    return [m for m in house.slack.messages_for(MAYA.id, HUNTS) if any(b["type"] == "actions" for b in m.blocks)]


def removal(clock: Clock) -> dict[str, Any]:
    """What takes `debug-public` of payments-api back, now."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/ines",
            "accountId": "111122223333",
        },
        "eventTime": clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "lambda.amazonaws.com",
        "eventName": "RemovePermission20150331v2",
        "awsRegion": "us-east-1",
        "requestParameters": {"functionName": "payments-api", "statementId": "debug-public"},
        "eventID": "removed",
        "recipientAccountId": "111122223333",
    }


def number(card: Message) -> str:
    return shown(card).split("· F-")[1].split()[0]


@pytest.mark.complaint("still true")
async def test_still_true_says_when_it_was_checked_and_that_no_removal_was_seen(trail: House) -> None:
    """Asked whether it is still true on demand, with when that was."""
    card = await critical(trail)
    await trail.press(TOMAS, card, actions.MORE, f"{actions.CHOOSE_STILL}:{number(card)}")

    checked = await trail.until(lambda: "no removal seen." in shown(trail.again(card)) and trail.again(card))
    assert "🔁 Checked " in shown(checked)
    [date] = [e for e in _leaves(checked.blocks) if e.get("format") == "{ago}"]
    assert abs(date["timestamp"] - trail.clock().timestamp()) < 600
    said = [line for line in trail.privately(TOMAS) if "still stands" in line]
    assert len(said) == 1
    await trail.press(TOMAS, checked, actions.DETAILS)
    await trail.until(lambda: any("no removal seen." in read(v.blocks) for v in trail.slack.modals_of(TOMAS.id)))


@pytest.mark.complaint("still true")
async def test_a_removal_that_it_sees_is_drawn_and_noted_in_the_thread(trail: House) -> None:
    """No longer still true: who took it back, after how long."""
    card = await critical(trail)
    assert isinstance(trail.logs, Archive)
    trail.clock.ahead += timedelta(minutes=1)
    trail.logs.add(removal(trail.clock))
    trail.clock.ahead += timedelta(minutes=1)

    await trail.press(TOMAS, card, actions.MORE, f"{actions.CHOOSE_STILL}:{number(card)}")
    checked = await trail.until(lambda: "taken back by " in shown(trail.again(card)) and trail.again(card))

    assert "Checked" in shown(checked)
    assert "arn:aws:iam::111122223333:user/ines after 1 d 2 h" in shown(checked)
    await trail.until(lambda: any("saw that it was taken back" in said for said in trail.thread(MAYA, card)))
    assert f"{actions.CHOOSE_STILL}:" not in str(checked.blocks)  # there is nothing left to ask


@pytest.mark.complaint("still true")
async def test_whoever_takes_a_finding_learns_at_once_that_it_was_taken_back(trail: House) -> None:
    """Asked whether it is still true by itself, too, when somebody takes it."""
    card = await critical(trail)
    assert isinstance(trail.logs, Archive)
    trail.clock.ahead += timedelta(minutes=1)
    trail.logs.add(removal(trail.clock))
    trail.clock.ahead += timedelta(minutes=1)

    await trail.press(TOMAS, card, actions.ACKNOWLEDGE)

    await trail.until(lambda: "taken back by " in shown(trail.again(card)))
    assert f"Acknowledged by <@{TOMAS.id}>" in shown(trail.again(card))


async def test_logs_that_are_down_are_said_on_the_card(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path
) -> None:
    looking = {"HUNTBOT_HUNTS": str(_with_removals(tmp_path))}
    async with open_house(slack, logs, clock, tmp_path, given=looking) as house:
        card = await house.find_one(MAYA)
        house.logs.is_down = True
        await house.press(TOMAS, card, actions.MORE, f"{actions.CHOOSE_STILL}:1")
        await house.until(
            lambda: "the logs did not say. Elasticsearch could not be asked" in shown(house.again(card))
        )


def _with_removals(folder: Path) -> Path:
    hunts = folder / "hunts"
    hunts.mkdir()
    (hunts / "grants.toml").write_text(HUNT_FILE.replace("| LIMIT", "| EVAL seen = revoked_at | LIMIT"))
    return hunts


def _leaves(tree: Any) -> list[dict[str, Any]]:
    match tree:
        case dict():
            return [tree, *(leaf for child in tree.values() for leaf in _leaves(child))]
        case list() | tuple():
            return [leaf for child in tree for leaf in _leaves(child)]
        case _:
            return []
