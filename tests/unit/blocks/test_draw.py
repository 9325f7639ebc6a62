"""Whatever is drawn is taken by Slack, and nothing of a log or a person means anything in it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.blocks import details, draw, modals, queue, status
from bot.blocks.details import Details
from bot.blocks.draw import Drawn
from bot.blocks.help import help_blocks, hunt_list_blocks, picker_blocks
from bot.blocks.limits import CHARACTERS, characters
from bot.blocks.rich import Json
from bot.domain.hunt import Hunt, Slug
from bot.domain.intent import Backlog, RouteStatus
from bot.domain.message import Message
from bot.domain.queue import Queued, whole
from bot.domain.responder import ChannelId, Place
from bot.domain.schedule import Schedule
from bot.domain.triage import Queue
from local.slack.blockkit import check_message_blocks, check_view
from local.slack.mentions import mentions
from tests.unit.blocks.examples import (
    ALICE,
    COLUMNS,
    GRANTS,
    LIBRARY,
    NOON,
    event,
    every_message,
    finding,
    hit,
    read,
    run,
)

HOSTILE = (
    "<!channel> <!here> <@U0ALICE000> <!subteam^S0ONCALL00> <https://evil.example|click> "
    "*bold* _it_ ~no~ `code` ```fence``` > quote\n:skull: @here &lt;!channel&gt; \u202e\u200b\x00\ud800 {function} %s"
)
MENTIONED = {"U0ALICE000", "S0ONCALL00"}  # the actor and the people on call, by our own doing


def _full_of(text: str) -> dict[str, str]:
    return {name: text for name, value in COLUMNS.items() if name not in {"severity", "outcome", "@timestamp"}}


LONG = "arn:aws:lambda:eu-west-1:111122223333:function:" + "payments-" * 700
WORST = [HOSTILE, HOSTILE * 40, LONG, "\u202e" * 5000, "", " ", "界" * 4000]


@pytest.mark.parametrize("text", WORST, ids=range(len(WORST)))
@pytest.mark.parametrize("hunt", [GRANTS, LIBRARY], ids=["ours", "library"])
def test_every_message_is_within_slacks_limits(text: str, hunt: Hunt) -> None:
    for message in every_message(finding(face=hit(_full_of(text) | {f"x.{n}": text for n in range(60)})), hunt, text):
        drawn = draw(message)

        assert check_message_blocks(list(drawn.blocks)) == []
        assert sum(map(characters, drawn.blocks)) <= CHARACTERS
        assert 0 < len(drawn.text) <= 3000
        _as_json(drawn)


@pytest.mark.parametrize("message", list(every_message(finding())), ids=lambda message: type(message).__name__)
def test_slacks_own_sdk_reads_every_block(message: Message) -> None:
    for block in draw(message).blocks:
        parsed = Block.parse(dict(block))
        assert parsed is not None
        assert parsed.to_dict()["type"] == block["type"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.sampled_from(WORST[:1]) | st.text(alphabet="<>!@&|#^*_~`:SUC0", max_size=40))
def test_no_ping_link_or_format_comes_of_a_value(text: str) -> None:
    for message in every_message(finding(face=hit(_full_of(text))), words=text):
        drawn = draw(message)

        named = {mention.id for mention in mentions(drawn.text, list(_as_json(drawn)))}
        named |= {mention.id for mention in mentions(drawn.bare, [])}
        assert named <= MENTIONED
        assert "" not in named  # a range: @here, @channel, @everyone
        assert {node["url"] for node in _nodes(drawn.blocks) if "url" in node} <= {
            "https://acme.slack.com/archives/C1/p1"
        }
        assert [node for node in _nodes(drawn.blocks) if node.get("type") in {"mrkdwn", "markdown"}] == []


@pytest.mark.parametrize("text", [HOSTILE, LONG])
def test_the_bare_words_hold_nothing_of_a_log_or_a_person(text: str) -> None:
    plain, full = ([draw(m).bare for m in every_message(finding(face=hit(_full_of(t))), words=t)] for t in ("", text))

    assert plain == full
    assert all(0 < len(said) < 200 for said in full)


def test_private_answers_and_views_are_within_limits_too() -> None:
    worst = finding(face=hit(_full_of(LONG + HOSTILE) | {f"x.{n}": LONG for n in range(60)}))
    events, hits = [event(note=HOSTILE * 30)] * 40, [worst.face] * 40
    hunts = [Hunt(Slug(f"hunt-{n}"), "", HOSTILE * 9, HOSTILE * 9, "", schedule=GRANTS.schedule) for n in range(140)]
    schedules = {hunt.slug: hunt.schedule for hunt in hunts if hunt.schedule}
    shut = RouteStatus(ChannelId("C0SHUT0000"), HOSTILE, NOON, NOON, 1_200)
    backlog = Backlog(3, 2, NOON - timedelta(hours=2), (shut,) * 40, fault=HOSTILE)
    told = status.Status(len(hunts), schedules, (run(),) * 40, backlog, NOON)
    answers = [
        details.message(Details(worst, GRANTS, events, hits, "https://acme.slack.com/archives/C1/p1")),
        queue.queue_blocks(Queue.OPEN, whole([worst] * 137), lambda _: LIBRARY),
        queue.queue_blocks(Queue.MINE, Queued(), lambda _: LIBRARY),
        status.blocks(told),
        hunt_list_blocks(hunts, schedules),
        hunt_list_blocks([], {}),
        picker_blocks(hunts),
        help_blocks(),
    ]
    for blocks in answers:
        assert check_message_blocks(list(blocks)) == []
        assert sum(map(characters, blocks)) <= CHARACTERS

    home = queue.home_view(whole([worst] * 137), whole([worst] * 137), lambda _: GRANTS)
    assert check_view(home, "home") == []
    assert check_view(modals.resolve_form(worst, GRANTS, Place()), "modal") == []
    asleep = replace(worst, snoozed_until=NOON, snoozed_by=ALICE)
    assert check_view(modals.snooze_form(asleep, GRANTS, Place(), HOSTILE), "modal") == []
    assert check_view(modals.beaten_to_it(worst, event(note=HOSTILE * 30), ALICE), "modal") == []


def _as_json(drawn: Drawn) -> list[Json]:
    """What goes over the wire; a lone surrogate would not."""
    sent: list[Json] = json.loads(json.dumps(drawn.blocks, ensure_ascii=False).encode("utf-8"))
    drawn.text.encode("utf-8")
    return sent


def _nodes(node: object) -> Iterator[dict[str, object]]:
    match node:
        case dict():
            yield node
            for child in node.values():
                yield from _nodes(child)
        case list() | tuple():
            for child in node:
                yield from _nodes(child)
        case _:
            return


def test_the_list_of_hunts_gives_the_gist_and_the_digest_that_is_set_up_here() -> None:
    hunt = replace(GRANTS, description="Who was granted what.\nA second sentence.")
    here = Schedule("*/2 * * * *")

    told = read(hunt_list_blocks([hunt], {hunt.slug: here}))
    assert "\nWho was granted what\nlooks back 7 d · digest */2 * * * * (UTC)" in told
    assert "no digest" in read(hunt_list_blocks([hunt], {}))
