"""What `/hunt status` and the fallback channel say of Slack being behind."""

from datetime import timedelta

import pytest

from bot.blocks import status
from bot.blocks.draw import draw
from bot.domain.escalation import TargetName, route_of
from bot.domain.intent import Backlog, RouteStatus
from bot.domain.message import RouteNotice
from bot.domain.responder import ChannelId
from tests.unit.blocks.examples import HUNTS, NOON, read

MINUTE = timedelta(minutes=1)
PAGER = route_of(TargetName("pagerduty"))


def shut(channel: ChannelId = HUNTS, reason: str = "is_archived") -> RouteStatus:
    return RouteStatus(channel, reason, NOON - 30 * MINUTE, NOON + 10 * MINUTE, 12)


def told(backlog: Backlog) -> str:
    return read(status.blocks(status.Status(3, {}, (), backlog, NOON)))


@pytest.mark.parametrize(
    ("age", "says"),
    [
        (timedelta(seconds=60), "2 messages waiting for Slack."),
        (timedelta(seconds=61), "2 messages waiting for Slack, for 1 min."),
        (timedelta(minutes=59), "2 messages waiting for Slack, for 59 min."),
        (timedelta(minutes=125), "2 messages waiting for Slack, for 2 h 5 min."),
    ],
)
def test_a_backlog_over_a_minute_says_its_age(age: timedelta, says: str) -> None:
    assert says in told(Backlog(2, 0, NOON - age))
    assert ("The oldest waits since" in told(Backlog(2, 0, NOON - age))) is (age > MINUTE)


def test_nothing_waiting_says_nothing_of_it() -> None:
    assert told(Backlog(0, 0)) == "3 hunts loaded, 0 runs under way, 0 messages waiting for Slack.\n"


def test_each_broken_route_says_why_since_when_and_how_much_waits() -> None:
    said = told(Backlog(0, 0, None, (shut(), shut(PAGER, "http_403"))))

    assert "2 channels closed" in said
    assert "<#C0HUNTS000>  is_archived since 2026-03-04 11:30:00 UTC, 12 messages waiting, next try" in said
    assert "pagerduty  http_403 since" in said


def test_what_was_given_up_and_a_refused_token_are_said() -> None:
    said = told(Backlog(4, 2, NOON, fault="token_revoked"))

    assert "2 messages given up" in said
    assert "nothing goes out until it has a good one: token_revoked" in said


def test_the_fallback_channel_reads_what_is_closed_why_and_what_to_do() -> None:
    drawn = draw(RouteNotice(HUNTS, NOON, shut()))

    assert drawn.text == "⚠️ <#C0HUNTS000> takes no messages from huntbot."
    said = read(drawn.blocks)
    assert "⚠️ <#C0HUNTS000> takes no messages from huntbot." in said
    assert "12 messages waiting" in said
    assert "Nothing is lost" in said
    assert "Somebody has to unarchive the channel." in said


@pytest.mark.parametrize(("channel", "name"), [(HUNTS, "<#C0HUNTS000>"), (PAGER, "pagerduty")])
def test_the_fallback_channel_reads_when_it_works_again(channel: ChannelId, name: str) -> None:
    drawn = draw(RouteNotice(channel, NOON))

    assert drawn.text == f"✅ {name} takes huntbot's messages again."
    assert f"✅ {name} takes huntbot's messages again." in read(drawn.blocks)
