"""What doctor says of whoever an escalation calls, without calling anybody, and of whoever the roles name."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from local.slack.faults import refusal
from local.slack.sample import AUDIT, AUDITOR, GUEST, LEADS, RESPONDERS, TOMAS, WAR_ROOM, sample_workspace
from local.slack.server import LocalSlack
from tests.contracts.escalation.peers import Answer, listening
from tests.processes import started

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
WHSEC = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


async def report(home: Path, given: dict[str, str]) -> str:
    async with started(home, "doctor", given=given) as process:
        said, _ = await asyncio.wait_for(process.communicate(), 40)
    return " ".join(said.decode().split())


async def test_each_target_is_looked_at_and_none_is_called(tmp_path: Path) -> None:
    async with listening(Answer(404), Answer(405)) as peer:
        said = await report(
            tmp_path,
            {
                "HUNTBOT_PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
                "HUNTBOT_PAGERDUTY_URL": peer.url,
                "HUNTBOT_WEBHOOK_URL": peer.url,
                "HUNTBOT_WEBHOOK_SECRETS": WHSEC,
                "HUNTBOT_WEBHOOK_PRIVATE": "loopback",
                "HUNTBOT_APPRISE_URLS": f"json://127.0.0.1:{peer.port}",
            },
        )
    for line in ("pagerduty │ answers", "webhook │ answers", "apprise-json │ its URL is understood"):
        assert line in said
    assert peer.received == []


async def test_a_target_that_is_not_there_is_named_and_no_secret_shows(tmp_path: Path) -> None:
    async with listening() as gone:
        pass
    said = await report(tmp_path, {"HUNTBOT_PAGERDUTY_ROUTING_KEY": ROUTING_KEY, "HUNTBOT_PAGERDUTY_URL": gone.url})
    assert "pagerduty │ PagerDuty can not be reached or does not answer: ClientConnectorError" in said
    assert ROUTING_KEY not in said


async def test_nobody_on_call_is_worth_a_note(tmp_path: Path) -> None:
    assert "Escalate marks a finding and calls nobody" in await report(tmp_path, {})


# --- who the lists name ------------------------------------------------------------------------------


@asynccontextmanager
async def slack_with(given: dict[str, str]) -> AsyncIterator[tuple[LocalSlack, dict[str, str]]]:
    async with LocalSlack(sample_workspace(clock=time.time)) as slack:
        yield (
            slack,
            {
                "SLACK_BOT_TOKEN": slack.credentials.bot_token,
                "HUNTBOT_SLACK_API_URL": slack.api_url,
                **given,
            },
        )


async def test_each_id_of_the_lists_is_looked_at(tmp_path: Path) -> None:
    lists = {
        "HUNTBOT_VIEWERS": f"{AUDITOR.id},{GUEST.id},U0NOBODY00,S0NOGROUP0",
        "HUNTBOT_RESPONDERS": f"{RESPONDERS.id},{TOMAS.id}",
        "HUNTBOT_LEADS": LEADS.id,
    }
    async with slack_with(lists) as (_, given):
        said = await report(tmp_path, given)
    for line in (
        f"HUNTBOT_LEADS │ the user group {LEADS.id} has 1 member",
        f"HUNTBOT_RESPONDERS │ the user group {RESPONDERS.id} has 3 members",
        f"HUNTBOT_RESPONDERS │ {TOMAS.id} is tomas",
        f"HUNTBOT_VIEWERS │ {AUDITOR.id} gets no role: huntbot takes no orders from guests",
        f"HUNTBOT_VIEWERS │ {GUEST.id} gets no role: huntbot takes no orders from people of another workspace",
        "HUNTBOT_VIEWERS │ U0NOBODY00 is nobody in this workspace",
        "HUNTBOT_VIEWERS │ S0NOGROUP0 is no user group of this workspace",
    ):
        assert line in said
    assert "makes nobody a lead" not in said


async def test_lists_that_make_nobody_a_lead_are_told(tmp_path: Path) -> None:
    async with slack_with({"HUNTBOT_VIEWERS": TOMAS.id, "HUNTBOT_LEADS": LEADS.id}) as (slack, given):
        slack.workspace.directory.put_usergroup(replace(LEADS, users=()))
        said = await report(tmp_path, given)
    assert f"note │ HUNTBOT_LEADS │ the user group {LEADS.id} has 0 members" in said
    assert "HUNTBOT_LEADS │ makes nobody a lead" in said


async def test_a_plan_without_user_groups_is_named_with_what_does_without(tmp_path: Path) -> None:
    async with slack_with({"HUNTBOT_LEADS": LEADS.id}) as (slack, given):
        slack.workspace.faults.switch_on("usergroups.users.list", refusal("plan_upgrade_required"))
        said = await report(tmp_path, given)
    assert f"fault │ HUNTBOT_LEADS │ {LEADS.id} is a user group, which this plan of Slack has not" in said


async def test_no_lists_are_worth_a_note(tmp_path: Path) -> None:
    async with slack_with({}) as (_, given):
        assert "are not set: every full member may everything" in await report(tmp_path, given)


async def test_a_channel_shared_with_another_organization_is_no_place_for_findings(tmp_path: Path) -> None:
    async with slack_with({"HUNTBOT_CHANNEL": "#partners-acme"}) as (_, given):
        said = await report(tmp_path, given)
    assert "HUNTBOT_CHANNEL │ #partners-acme is shared with another organization: huntbot says nothing there" in said


# --- who reads a channel, whatever the lists say ------------------------------------------------------


async def test_guests_who_read_a_channel_are_named(tmp_path: Path) -> None:
    async with slack_with({"HUNTBOT_CHANNEL": AUDIT}) as (_, given):
        said = await report(tmp_path, given)
    assert f"ok │ HUNTBOT_CHANNEL │ {AUDIT}: huntbot is a member" in said
    assert (
        f"note │ HUNTBOT_CHANNEL │ {AUDIT} is read by 2 guests or strangers (noor, lena): "
        "they may press nothing, and see what is posted"
    ) in said
    assert "is public" not in said  # every full member may everything, so there is nobody else to warn of


async def test_a_public_channel_is_read_with_a_role_or_without(tmp_path: Path) -> None:
    given_lists = {"HUNTBOT_CHANNEL": "#security-hunts", "HUNTBOT_LEADS": TOMAS.id}
    async with slack_with(given_lists) as (_, given):
        said = await report(tmp_path, given)
    assert "note │ HUNTBOT_CHANNEL │ #security-hunts is public: every full member reads what is posted there" in said
    assert "guests" not in said


async def test_a_channel_that_nobody_else_reads_gives_no_note(tmp_path: Path) -> None:
    given_lists = {"HUNTBOT_CHANNEL": WAR_ROOM, "HUNTBOT_LEADS": TOMAS.id}
    async with slack_with(given_lists) as (_, given):
        said = await report(tmp_path, given)
    assert f"ok │ HUNTBOT_CHANNEL │ {WAR_ROOM}: huntbot is a member" in said
    assert "note │ HUNTBOT_CHANNEL" not in said


async def test_where_slack_does_not_say_who_reads_a_channel_that_is_said(tmp_path: Path) -> None:
    async with slack_with({"HUNTBOT_CHANNEL": AUDIT}) as (slack, given):
        slack.workspace.faults.switch_on("conversations.members", refusal("missing_scope"))
        said = await report(tmp_path, given)
    assert f"ok │ HUNTBOT_CHANNEL │ {AUDIT}: huntbot is a member" in said
    assert f"note │ HUNTBOT_CHANNEL │ Slack does not say who reads {AUDIT}" in said
