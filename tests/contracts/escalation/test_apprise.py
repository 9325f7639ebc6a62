"""Apprise: which URLs become which targets, that text stays text, and that a service that hangs stops nobody."""

import asyncio
import logging
import threading

import pytest

from bot.adapters.escalation.apprise import read_services
from bot.domain.escalation import Phase
from bot.domain.intent import Mark
from bot.errors import OutcomeUnknown, WorkspaceUnavailable
from tests.contracts.escalation.calls import call
from tests.contracts.escalation.conftest import PATIENCE_S, apprise
from tests.contracts.escalation.peers import Answer, listening

MARK = Mark("m-1")


@pytest.mark.parametrize(
    ("urls", "names"),
    [
        ("json://soc.example/x", ["apprise-json"]),
        ("json://a.example, json://b.example", ["apprise-json", "apprise-json-2"]),
        (
            "mailto://me:pw@gmail.com?to=a@example.com,b@example.com\njsons://c.example",
            ["apprise-mailto", "apprise-jsons"],
        ),
    ],
)
def test_each_url_is_a_target_with_a_name_of_its_own(urls: str, names: list[str]) -> None:
    assert [service.name for service in read_services(urls)] == names


@pytest.mark.parametrize(
    ("urls", "place"),
    [
        ("hunter2", 1),
        ("nosuch://me:hunter2@soc.example", 1),
        ("json://soc.example, slack://hunter2", 2),
        ("json://", 1),
    ],
)
def test_a_url_that_it_does_not_understand_is_named_by_its_place_and_never_shown(
    urls: str, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match=f"^number {place} is no URL") as refused:
        read_services(urls)
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in caplog.text


HOSTILE = {
    "principal": "<!channel> *bold* _it_ ~no~ `code` [click](https://evil.example) @channel @**all** a*b*c",
    "actor": "<b onclick=x>me</b> ops@example.com",
}


async def test_what_a_log_says_stays_text_where_markdown_is_read() -> None:
    """Mattermost reads Markdown; its incoming webhook takes `text`."""
    async with listening(Answer(200)) as peer:
        [service] = read_services(f"mmost://127.0.0.1:{peer.port}/abcdefghijklmnop", timeout_s=PATIENCE_S)
        await service.call(call(columns=HOSTILE), Phase.TRIGGER, MARK)
    said = peer.received[0].json["text"]
    assert [sign for sign in ("*", "[", "]", "<", ">", "`", "~", " @", " _") if sign in said] == []
    assert "ops@example.com" in said


async def test_what_a_log_says_stays_text_where_html_is_read() -> None:
    async with listening() as peer:
        [service] = read_services(f"json://127.0.0.1:{peer.port}/?format=html", timeout_s=PATIENCE_S)
        await service.call(call(columns=HOSTILE), Phase.TRIGGER, MARK)
    assert "<b" not in peer.received[0].json["message"].replace("<br", "")


async def test_no_title_holds_what_a_log_says() -> None:
    async with listening() as peer, apprise(peer.url) as target:
        await target.call(call(columns=HOSTILE), Phase.TRIGGER, MARK)
    assert peer.received[0].json["title"] == "CRITICAL F-42 escalated"


async def test_the_message_reads_well_on_a_phone() -> None:
    async with listening() as peer, apprise(peer.url) as target:
        for phase in Phase:
            await target.call(call(phase), phase, MARK)
    called, taken, resolved = (got.json["message"].splitlines() for got in peer.received)
    assert called[:2] == ["anyone (∗) may lambda:InvokeFunction on pay", "anyone on the internet may call it"]
    assert called[2:6] == [
        "Blast radius: Anyone on the internet. Nothing narrows it",
        "Still standing: No removal was seen (no proof that it still stands)",
        "By: arn:aws:iam::111122223333:role/deploy · AssumedRole",
        "From: 198.51.100.7 · aws-cli/2.15",
    ]
    assert called[-1].startswith("https://")
    assert taken[0] == "Slack user U0BOB00000 acknowledged it (2026-03-04 12:05:00 UTC)"
    assert resolved[0] == "Slack user U0BOB00000 resolved it as benign: a test (2026-03-04 13:00:00 UTC)"


async def test_redirects_are_not_followed() -> None:
    async with listening() as other:
        moved = Answer(307, headers={"location": other.url})
        async with listening(moved) as peer, apprise(peer.url) as target:
            with pytest.raises(Exception, match="http_307"):
                await target.call(call(), Phase.TRIGGER, MARK)
    assert other.received == []


async def test_a_service_that_hangs_holds_up_neither_the_loop_nor_more_than_one_thread() -> None:
    async with listening(Answer(after_s=3 * PATIENCE_S)) as peer, apprise(peer.url) as target:
        with pytest.raises(OutcomeUnknown):
            await target.call(call(), Phase.TRIGGER, MARK)
        hanging = [thread for thread in threading.enumerate() if thread.name == target.name]
        with pytest.raises(WorkspaceUnavailable, match="busy"):
            await target.call(call(), Phase.TRIGGER, MARK)
        assert len(hanging) == 1
        assert hanging[0].daemon
        await asyncio.sleep(3 * PATIENCE_S)
        await target.call(call(), Phase.TRIGGER, MARK)
    assert len(peer.received) == 2
