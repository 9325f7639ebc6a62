"""What users of other tools complain of: values that call people, texts that are refused, noise. See the table."""

import re
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.blocks import actions
from bot.blocks.limits import characters
from local.slack.model import Channel, Message, User, View
from local.slack.sample import AISHA, BOT, HUNTS, MAYA, TOMAS
from local.slack.server import LocalSlack
from tests.slack.archive import Archive
from tests.slack.house import Clock, House, Logs, open_house, shown
from tests.unit.blocks.examples import read

PAGES, A_PAGE = 12, 200  # what the bot asks for at once
MOST_BLOCKS, MOST_CHARACTERS = 50, 12_000
BARE_TIME = re.compile(r"\b\d{1,2}:\d\d(?::\d\d)?\b(?!:)(?! UTC)")


def top(house: House, who: User) -> View | None:
    stack = house.slack.modals_of(who.id)
    return stack[-1] if stack else None


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every element of blocks, however deep."""
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from nodes(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from nodes(child)


def posted(house: House) -> list[Message]:
    """What stands in the channel and in its threads, for everybody."""
    top_level = house.slack.messages_for(MAYA.id, HUNTS)
    return [m for parent in top_level for m in house.slack.thread_for(MAYA.id, HUNTS, parent.ts)]


async def triaged(house: House) -> Message:
    """A finding's life: found, taken, escalated, resolved, in a digest; everything posted."""
    card = await house.find_one(MAYA)
    await house.press(TOMAS, card, actions.ACKNOWLEDGE)
    await house.press(TOMAS, card, actions.ESCALATE)
    form = await house.resolve_form(MAYA, card)
    await house.slack.submit_view(MAYA.id, form.id, {actions.RESOLUTION_BLOCK: {actions.RESOLUTION: "benign"}})
    await house.hunt(MAYA, "digest grants")
    await house.until(lambda: any("Digest" in said or "🔔" in said for said in house.said(MAYA)))
    await house.at_rest()
    return house.again(card)


@pytest.mark.complaint("oncall#5121")
async def test_a_list_of_5000_characters_is_cut_with_a_mark_and_details_show_all_of_it(house: House) -> None:
    """oncall#5121: a text over 3,000 characters made the message invalid, and nobody saw it."""
    arns = ", ".join(f"arn:aws:iam::{number:012}:role/deploy" for number in range(130))
    assert len(arns) > 5_000
    card = await house.find_one(MAYA, arns)
    assert re.search(r"…\[[\d,]+ more\]…", shown(card))

    await house.press(TOMAS, card, actions.DETAILS)
    view = await house.until(lambda: (v := top(house, TOMAS)) and "Show all of principal" in str(v.blocks) and v)
    button = next(e for e in nodes(view.blocks) if "Show all of principal" in str(e.get("text")) and "action_id" in e)
    await house.slack.press_in_view(TOMAS.id, view.id, button["action_id"])
    await house.until(lambda: (v := top(house, TOMAS)) and "000000000129" in read(v.blocks))
    whole = top(house, TOMAS)
    assert whole is not None
    assert arns in read(whole.blocks).replace("\n", "")


@pytest.mark.complaint("slackapi/bolt-js#2509")
async def test_the_longest_finding_is_within_what_slack_takes_as_a_whole(house: House) -> None:
    """slackapi/bolt-js#2509: each block was legal, and a sum of about 13,200 characters msg_blocks_too_long."""
    long = {
        name: f"{name}-" + "x" * 2_900 for name in ("reason", "action", "function", "account", "actor", "source_ip")
    }
    for number in range(20):
        house.logs.happen(f"{number}-" + "p" * 2_900, f"e-{number}", **long)
    await house.hunt(MAYA, "grants")
    await house.until(lambda: len(posted(house)) == 21)
    for number, typed in enumerate(("findings", "show F-1", "digest grants"), start=1):
        await house.hunt(TOMAS, typed)
        await house.until(partial(lambda told: len(house.privately(TOMAS)) >= min(told, 2), number))
    await house.at_rest()

    assert [call for call in house.slack.calls if call.error] == []
    everything = [*posted(house), *house.slack.messages_for(TOMAS.id, HUNTS)]
    assert max(sum(map(characters, message.blocks)) for message in everything) > MOST_CHARACTERS / 2
    for message in everything:
        assert sum(map(characters, message.blocks)) <= MOST_CHARACTERS
        assert len(message.blocks) <= MOST_BLOCKS
        assert len(message.text) <= 3_000


@pytest.mark.complaint("kibana#159940", "#166753")
async def test_a_channel_on_the_twelfth_page_is_found_by_its_name(
    slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path
) -> None:
    """kibana#159940, #166753: only the first page of channels was read."""
    put = slack.workspace.directory.put_channel
    for number in range((PAGES - 1) * A_PAGE):
        put(Channel(f"C1{number:08}", f"c{number}", 0, MAYA.id))
    put(Channel("C9FARAWAY0", "far-away", 0, MAYA.id, (MAYA.id, TOMAS.id, BOT.id)))
    given = {"HUNTBOT_ESCALATION_CHANNEL": "#far-away"}
    async with open_house(slack, logs, clock, tmp_path, given=given) as house:
        asked = [call for call in house.slack.calls if call.method == "conversations.list"]
        assert len(asked) == PAGES
        await house.press(TOMAS, await house.find_one(MAYA), actions.ESCALATE)
        assert await house.until(lambda: house.slack.messages_for(MAYA.id, "C9FARAWAY0"))


@pytest.mark.complaint("NousResearch/hermes-agent#26869", "brexhq/CrabTrap#20")
@pytest.mark.parametrize(
    "principal", ["<!channel>", "<!here|x>", f"<@{TOMAS.id}>", "@channel", "<!subteam^S01ONCALL1>"]
)
async def test_a_principal_that_would_call_everybody_is_shown_literally_and_nobody_is_notified(
    house: House, principal: str
) -> None:
    """NousResearch/hermes-agent#26869, brexhq/CrabTrap#20: a value of <!channel> called everybody."""
    card = await house.find_one(MAYA, principal)
    await house.at_rest()

    assert f"{principal} may lambda:InvokeFunction" in shown(card)
    assert [n for who in (MAYA, TOMAS, AISHA) for n in house.slack.notifications_of(who.id)] == []


@pytest.mark.complaint("metabase#60277", "argoproj/notifications-engine#242")
async def test_no_message_asks_slack_to_unfurl_anything(house: House) -> None:
    """metabase#60277, argoproj/notifications-engine#242: previews of every link."""
    await triaged(house)

    posts = [
        call.arguments for call in house.slack.calls if call.method in {"chat.postMessage", "chat.postEphemeral"}
    ]
    assert len(posts) >= 6
    assert {(post["unfurl_links"], post["unfurl_media"]) for post in posts} == {(False, False)}


@pytest.mark.complaint("sentry#94646", "#97472", "oncall#3849")
async def test_what_happens_to_a_finding_stays_in_its_thread_a_line_for_each_press(house: House) -> None:
    """sentry#94646, #97472: replies were broadcast to the channel. oncall#3849: a log filled it."""
    card = await house.find_one(MAYA)
    await house.at_rest()
    before = len(house.slack.messages_for(AISHA.id, HUNTS))
    for who, action_id in ((TOMAS, actions.ACKNOWLEDGE), (AISHA, actions.ACKNOWLEDGE), (TOMAS, actions.ESCALATE)):
        await house.press(who, card, action_id)
    await house.at_rest()

    assert len([m for m in house.slack.messages_for(MAYA.id, HUNTS) if m.ephemeral_to is None]) == before
    assert not any(call.arguments.get("reply_broadcast") for call in house.slack.calls)
    assert [f"<@{TOMAS.id}>" in said for said in house.thread(MAYA, card)] == [True, True]


@pytest.mark.complaint("mozilla-services/foxsec-pipeline#262")
async def test_every_moment_is_in_the_readers_zone_and_says_utc_where_slack_can_not(house: House) -> None:
    """mozilla-services/foxsec-pipeline#262: a time that did not say of which zone it is."""
    card = await triaged(house)
    said = posted(house)
    assert card in said
    moments = [node for m in said for node in nodes(m.blocks) if node.get("type") == "date"]

    assert len(moments) >= 5
    assert all(re.search(r"\d\d:\d\d:\d\d UTC$", moment["fallback"]) for moment in moments)
    texts = [n["text"] for m in said for n in nodes(m.blocks) if n.get("type") in {"text", "plain_text", "mrkdwn"}]
    assert [text for text in [*texts, *(m.text for m in said)] if BARE_TIME.search(text)] == []


@pytest.mark.complaint("remediation")
async def test_details_hold_the_command_that_takes_the_grant_back_quoted_to_be_pasted(
    slack: LocalSlack, clock: Clock, tmp_path: Path
) -> None:
    """Remediation: with exact values, each of them one word of a shell; nothing runs it."""
    async with open_house(slack, Archive(clock), clock, tmp_path) as house:
        await house.hunt(MAYA, "lambda-perms since:2d severity:critical")
        card = await house.until(lambda: next((m for m in _cards(house) if "payments-api" in shown(m)), None))
        await house.press(MAYA, card, actions.DETAILS)
        view = await house.until(lambda: (v := top(house, MAYA)) and "remove-permission" in read(v.blocks) and v)
        [command] = [
            line for line in read(view.blocks).splitlines() if line.startswith("aws lambda remove-permission")
        ]

    words = shlex.split(command)
    assert words[:3] == ["aws", "lambda", "remove-permission"]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert "payments-api" in options["--function-name"]
    assert options["--statement-id"]
    assert options["--region"]


def _cards(house: House) -> list[Message]:
    return [m for m in house.slack.messages_for(MAYA.id, HUNTS) if actions.DETAILS in str(m.blocks)]
