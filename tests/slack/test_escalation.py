"""An escalation end to end: pressed in Slack, called at PagerDuty, the webhook and Apprise, followed to its end."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.blocks import actions
from local.slack.model import Message
from local.slack.sample import AISHA, ESCALATIONS, HUNTS, MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.contracts.escalation.conftest import ROUTING_KEY, SECRET
from tests.contracts.escalation.peers import Answer, Peer, listening
from tests.slack.house import Clock, House, Logs, open_house, shown


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's SDK sends loopback through a proxy when the environment names one."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logs(clock: Clock) -> Logs:
    return Logs(clock)


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(sample_workspace(clock=lambda: clock().timestamp())) as slack:
        yield slack


@pytest.fixture
async def pagerduty() -> AsyncIterator[Peer]:
    async with listening() as peer:
        yield peer


def calling(pagerduty: Peer, webhook: Peer | None = None, apprise: Peer | None = None) -> Mapping[str, str]:
    given = {"HUNTBOT_PAGERDUTY_ROUTING_KEY": ROUTING_KEY, "HUNTBOT_PAGERDUTY_URL": pagerduty.url}
    if webhook is not None:
        given |= {
            "HUNTBOT_WEBHOOK_URL": webhook.url,
            "HUNTBOT_WEBHOOK_SECRETS": SECRET,
            "HUNTBOT_WEBHOOK_PRIVATE": "loopback",
        }
    if apprise is not None:
        given["HUNTBOT_APPRISE_URLS"] = f"json://127.0.0.1:{apprise.port}/"
    return given


def told(peer: Peer) -> list[str]:
    return [got.json["event_action"] for got in peer.received]


async def take_over(house: House) -> None:
    """Pressed where the people on call read it."""
    calls = await house.until(lambda: house.slack.messages_for(AISHA.id, ESCALATIONS))
    await house.press(AISHA, calls[-1], actions.ACKNOWLEDGE)


async def resolve(house: House, card: Message) -> None:
    form = await house.resolve_form(MAYA, card)
    values = {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"}, actions.NOTE_BLOCK: {actions.NOTE: "a test"}}
    await house.slack.submit_view(MAYA.id, form.id, values)


async def test_whoever_is_called_hears_how_it_goes_on(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, pagerduty: Peer
) -> None:
    async with listening() as webhook, listening() as apprise:
        given = calling(pagerduty, webhook, apprise)
        async with open_house(slack, logs, clock, tmp_path, given=given) as house:
            card = await house.find_one(MAYA)
            await house.press(TOMAS, card, actions.ESCALATE)
            await house.until(lambda: pagerduty.received and webhook.received and apprise.received)
            await take_over(house)
            await resolve(house, card)
            await house.until(lambda: min(len(peer.received) for peer in (pagerduty, webhook, apprise)) == 3)

    assert told(pagerduty) == ["trigger", "acknowledge", "resolve"]
    assert len({got.json["dedup_key"] for got in pagerduty.received}) == 1
    alert = pagerduty.received[0].json
    assert alert["payload"]["summary"].startswith("HIGH F-1: alice may lambda:InvokeFunction on pay")
    there = f"{house.slack.base_url}/archives/{HUNTS}/p{card.ts.replace('.', '')}"
    assert alert["links"] == [{"href": there, "text": "F-1 in Slack"}]

    kinds = ["finding.escalated", "finding.acknowledged", "finding.resolved"]
    assert [got.json["type"] for got in webhook.received] == kinds
    assert [got.json["data"]["by"] for got in webhook.received] == [TOMAS.id, AISHA.id, MAYA.id]
    assert len({got.headers["webhook-id"] for got in webhook.received}) == 3

    titles = ["HIGH F-1 escalated", "HIGH F-1 taken over", "HIGH F-1 resolved"]
    assert [got.json["title"] for got in apprise.received] == titles


async def test_nobody_is_called_about_what_nobody_escalated(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, pagerduty: Peer
) -> None:
    async with open_house(slack, logs, clock, tmp_path, given=calling(pagerduty)) as house:
        card = await house.find_one(MAYA)
        await house.press(TOMAS, card, actions.ACKNOWLEDGE)
        await resolve(house, card)
        await house.until(lambda: "Resolved as benign" in shown(house.card(MAYA)))
    assert pagerduty.received == []


async def test_a_target_without_a_channel_is_somebody(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, pagerduty: Peer
) -> None:
    given = calling(pagerduty)
    async with open_house(slack, logs, clock, tmp_path, escalates=False, given=given) as house:
        card = await house.find_one(MAYA)
        await house.press(TOMAS, card, actions.ESCALATE)
        await house.until(lambda: pagerduty.received)
        assert not any("nobody" in said.lower() for said in house.privately(TOMAS))
    assert told(pagerduty) == ["trigger"]


async def test_what_happens_while_it_is_down_arrives_in_order_when_it_is_back(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path
) -> None:
    async with listening() as gone:
        pass
    async with open_house(slack, logs, clock, tmp_path, given=calling(gone)) as house:
        card = await house.find_one(MAYA)
        await house.press(TOMAS, card, actions.ESCALATE)
        await take_over(house)
        await resolve(house, card)
        await house.until(lambda: "Resolved as benign" in shown(house.card(MAYA)))
        async with listening(port=gone.port) as back:
            await house.until(lambda: len(back.received) == 3)
    assert told(back) == ["trigger", "acknowledge", "resolve"]
    assert len({got.json["dedup_key"] for got in back.received}) == 1


async def test_an_answer_that_was_lost_makes_no_second_alert(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, pagerduty: Peer
) -> None:
    pagerduty.answers = [Answer(drops=True), Answer(500)]
    async with open_house(slack, logs, clock, tmp_path, given=calling(pagerduty)) as house:
        card = await house.find_one(MAYA)
        await house.press(TOMAS, card, actions.ESCALATE)
        await take_over(house)
        await house.until(lambda: "acknowledge" in told(pagerduty))
    assert told(pagerduty) == ["trigger", "trigger", "trigger", "acknowledge"]
    assert len({got.json["dedup_key"] for got in pagerduty.received}) == 1


async def test_a_call_survives_the_end_of_the_process(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path
) -> None:
    async with listening() as gone:
        pass
    async with open_house(slack, logs, clock, tmp_path, given=calling(gone)) as house:
        card = await house.find_one(MAYA)
        await house.press(TOMAS, card, actions.ESCALATE)
        await house.until(lambda: house.slack.messages_for(AISHA.id, ESCALATIONS))
    async with (
        listening(port=gone.port) as back,
        open_house(slack, logs, clock, tmp_path, given=calling(gone)) as house,
    ):
        await house.until(lambda: back.received)
        await take_over(house)
        await house.until(lambda: len(back.received) == 2)
    assert told(back) == ["trigger", "acknowledge"]


async def test_a_key_that_is_refused_is_told_to_whoever_escalated_and_the_call_waits(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, pagerduty: Peer
) -> None:
    pagerduty.answers = [Answer(400, b"Invalid routing key")]
    async with open_house(slack, logs, clock, tmp_path, given=calling(pagerduty)) as house:
        card = await house.find_one(MAYA)
        await house.press(TOMAS, card, actions.ESCALATE)
        await house.until(lambda: any("invalid_routing_key" in said for said in house.privately(TOMAS)))
        clock.ahead += timedelta(minutes=10)
        await house.until(lambda: len(pagerduty.received) == 2)
    assert told(pagerduty) == ["trigger", "trigger"]


async def test_what_nobody_takes_escalates_by_itself_and_once(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path, pagerduty: Peer
) -> None:
    given = {**calling(pagerduty), "HUNTBOT_ESCALATE_AFTER": "30m"}
    async with open_house(slack, logs, clock, tmp_path, given=given) as house:
        await house.find_one(MAYA)  # from the backlog: it escalates only when somebody wants it to
        house.logs.happen("mallory", "e-2", severity="critical")
        await house.hunt(MAYA, "grants")
        await house.until(lambda: house.card(MAYA, "F-2"))
        await house.life.tick()
        assert pagerduty.received == []
        clock.ahead += timedelta(minutes=31)
        await house.life.tick()
        await house.until(lambda: pagerduty.received)
        await house.life.tick()
        await house.until(lambda: house.slack.messages_for(AISHA.id, ESCALATIONS))
    [got] = pagerduty.received
    assert got.json["payload"]["summary"].startswith("CRITICAL F-2: mallory")
    assert got.json["payload"]["custom_details"]["Escalated"].startswith("huntbot escalated it")
