"""Delivery where something takes nothing: said once, kept, tried again, delivered in the end."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.escalation import TargetName, route_of
from bot.domain.finding import FindingId
from bot.domain.intent import Kind
from bot.domain.message import DigestPost, EscalationCall, EscalationFailed, FindingCard, RouteNotice, RunAnswer
from bot.domain.responder import ChannelId, Place
from bot.domain.run import Trigger
from bot.domain.triage import Move
from bot.errors import MessageGone, MessageRejected, RouteBroken, TokenRefused
from tests.examples import ANNA, BEN, SECURITY, asked, people, row, rows
from tests.house import House, answer_in, cards, kinds, open_house
from tests.stand_ins import ON_CALL, PAGER, START, RecordingTarget

F1 = FindingId(1)
FALLBACK = ChannelId("C-FALLBACK")
OTHER = ChannelId("C-OTHER")
ONE = rows(row("alice", "e-1"))
PATIENCE = timedelta(minutes=5)


async def notices(house: House) -> list[RouteNotice]:
    return [post.what for post in house.slack.in_channel(FALLBACK) if isinstance(post.what, RouteNotice)]


async def test_a_dead_channel_is_told_once_kept_and_delivered_when_it_works(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(3), fallback=FALLBACK) as house:
        house.slack.broken.add(SECURITY)
        await house.hunt(asked(Trigger.SCHEDULE, by=None))
        [notice] = await notices(house)
        assert notice.status
        assert (notice.channel, notice.status.reason, notice.status.waiting) == (SECURITY, "not_in_channel", 4)
        house.clock.advance(timedelta(hours=3))
        await house.deliver()
        assert len(await notices(house)) == 1
        assert (await house.services.delivery.backlog()).routes[0].waiting == 4

        house.slack.broken.clear()
        house.clock.advance(timedelta(hours=1))
        await house.deliver()

        assert [notice.status for notice in await notices(house)] == [None]
        assert kinds(house.slack.in_channel(SECURITY)) == {DigestPost: 1, FindingCard: 3}
        backlog = await house.services.delivery.backlog()
        assert (backlog.waiting, backlog.broken, backlog.routes) == (0, 0, ())


@pytest.mark.parametrize("fallback", [None, SECURITY], ids=["none", "the broken one itself"])
async def test_without_a_fallback_the_status_tells_it(tmp_path: Path, fallback: ChannelId | None) -> None:
    async with open_house(tmp_path, ONE, fallback=fallback) as house:
        house.slack.broken.add(SECURITY)
        await house.hunt(asked(Trigger.SCHEDULE, by=None))

        assert house.slack.messages == []
        [route] = (await house.services.delivery.backlog()).routes
    assert (route.channel, route.reason, route.waiting) == (SECURITY, "not_in_channel", 2)


async def test_one_dead_channel_holds_up_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        house.slack.broken.add(SECURITY)
        await house.hunt(asked(Trigger.SCHEDULE, by=None))
        await house.hunt(asked(channel=OTHER, at=house.clock()))

        assert kinds(house.slack.messages) == {RunAnswer: 1}  # the card waits where the digest was to be


async def test_whoever_escalated_learns_at_once_that_nobody_was_told_and_the_call_waits(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(2)) as house:
        await house.hunt()
        house.slack.broken.add(ON_CALL)
        for finding in (F1, FindingId(2)):
            await house.services.triage.press(finding, Move.ESCALATE, ANNA, Place(SECURITY))
            await house.deliver()

        told = [what for _, _, what in house.slack.whispers if isinstance(what, EscalationFailed)]
        assert {(channel, person) for channel, person, _ in house.slack.whispers} == {(SECURITY, ANNA)}
        assert [(what.call.finding.ref, what.code, what.target) for what in told] == [
            ("F-1", "not_in_channel", None),
            ("F-2", "not_in_channel", None),
        ]
        house.slack.broken.clear()
        house.clock.advance(PATIENCE)
        await house.deliver()

        assert len(house.slack.in_channel(ON_CALL, EscalationCall)) == 2
        assert len(house.slack.whispers) == 2


async def test_a_target_that_refuses_its_key_is_told_by_name_and_tried_again(tmp_path: Path) -> None:
    pager = RecordingTarget(faults=[RouteBroken("http_403")])
    async with open_house(tmp_path, ONE, targets=[pager], fallback=FALLBACK) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ESCALATE, ANNA, Place(SECURITY))
        await house.deliver()

        assert [notice.channel for notice in await notices(house)] == [route_of(PAGER)]
        [(_, person, failed)] = house.slack.whispers
        assert isinstance(failed, EscalationFailed)
        assert (person, failed.code, failed.target) == (ANNA, "http_403", PAGER)
        house.clock.advance(PATIENCE)
        await house.deliver()

        assert [ref for ref, *_ in pager.told] == ["F-1"]
        assert [notice.status for notice in await notices(house)] == [None]


async def test_a_target_that_is_configured_no_longer_is_a_broken_route(tmp_path: Path) -> None:
    gone = RecordingTarget(name=TargetName("gone"))
    async with open_house(tmp_path, ONE, targets=[gone]) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ESCALATE, ANNA)
    async with open_house(tmp_path, ONE, slack=house.slack, clock=house.clock) as house:
        await house.deliver()

        [route] = (await house.services.delivery.backlog()).routes
    assert (route.channel, route.reason) == (route_of(gone.name), "not_configured")
    assert gone.told == []


async def test_a_refused_token_stops_everything_loudly_and_loses_nothing(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        for channel in (SECURITY, OTHER):
            await house.services.hunts.request(asked(channel=channel))
        house.slack.faults.extend([TokenRefused("token_revoked")] * 2)
        assert await house.services.delivery.deliver_due() == 0

        backlog = await house.services.delivery.backlog()
        assert (backlog.fault, backlog.waiting, backlog.routes) == ("token_revoked", 2, ())
        house.clock.advance(timedelta(seconds=59))
        assert await house.services.delivery.deliver_due() == 0
        house.clock.advance(timedelta(seconds=1))
        assert await house.services.delivery.deliver_due() == 2
        assert (await house.services.delivery.backlog()).fault is None
        assert house.slack.reads == 0


async def test_what_is_refused_in_every_wording_waits_and_holds_up_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(3)) as house:
        run = await house.services.hunts.request(asked())
        assert run
        await house.deliver()
        await house.services.hunts.work(run.id)
        await house.services.delivery.deliver_due()  # the answer is drawn
        house.slack.faults.append(MessageRejected("msg_too_long"))
        house.clock.advance(timedelta(seconds=1))
        for _ in range(4):
            await house.services.delivery.deliver_due()
            house.clock.advance(timedelta(seconds=1))
        assert len(cards(house.slack)) == 2

        house.clock.advance(timedelta(minutes=5))
        await house.deliver()
        assert len(cards(house.slack)) == 3
        assert house.slack.reads == 0


async def test_cards_whose_thread_is_gone_stand_in_the_channel_itself(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(7)) as house:
        run = await house.services.hunts.request(asked())
        assert run
        await house.deliver()
        house.slack.messages.clear()  # somebody deleted the placeholder
        await house.services.hunts.work(run.id)
        await house.deliver()

        assert {post.thread for post in house.slack.messages} == {None}
        assert kinds(house.slack.messages) == {FindingCard: 7}
        assert (await house.services.delivery.backlog()).broken == 1


async def test_a_card_that_somebody_deleted_is_given_up_and_posted_by_the_next_run(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        [card] = house.slack.in_channel(SECURITY, FindingCard)
        house.slack.messages.remove(card)
        await house.services.triage.press(F1, Move.ACKNOWLEDGE, BEN)
        await house.deliver()
        assert (await house.services.delivery.backlog()).broken == 2  # with the line of history in its thread
        assert kinds(house.slack.messages) == {RunAnswer: 1}

        await house.hunt(asked(at=START + timedelta(hours=1)))
        assert len(cards(house.slack)) == 1


async def test_a_new_message_that_slack_calls_gone_is_not_given_up(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        house.slack.faults.append(MessageGone("cannot_reply_to_message"))
        await house.hunt()

        assert isinstance(answer_in(house.slack), RunAnswer)
        intents = await house.store.outbox.of_run(answer_in(house.slack).outcome.run.id)
    assert {intent.kind for intent in intents if intent.ts} == {Kind.RUN, Kind.FINDING}
