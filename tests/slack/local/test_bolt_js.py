"""An independent client: Bolt for JavaScript runs a small app against the workspace, unchanged.

Node and npm must be there and the registry within reach; where they are not, the tests are skipped aloud.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from local.slack.delivery_http import SignedHttp
from local.slack.model import Message, Outcome
from local.slack.sample import AISHA, HUNTS, MAYA, TOMAS
from local.slack.server import LocalSlack
from local.slack.workspace import Workspace
from tests.npm import installed
from tests.waiting import until

BOLT: Final = "5.1.0"
APP: Final = Path(__file__).with_name("bolt_app.mjs")
ACK_TIMEOUT_S: Final = 3.0


@dataclass(frozen=True)
class House:
    """The workspace with the JavaScript app on its other side."""

    slack: Workspace

    def shown(self, user: str = MAYA.id) -> list[Message]:
        return list(self.slack.messages_for(user, HUNTS))

    def text_of(self, message: Message) -> str:
        return json.dumps(self.slack.messages.get(HUNTS, message.ts).blocks)

    async def finding(self) -> Message:
        assert (await self.slack.run_command(MAYA.id, HUNTS, "/hunt", "lambda-perms")).outcome is Outcome.ACCEPTED
        await until(lambda: bool(self.shown()))
        return self.shown()[0]

    async def noting(self, finding: Message) -> str:
        """Opens the form of a finding; gives its view's id."""
        assert (await self.slack.press(MAYA.id, HUNTS, finding.ts, "note")).outcome is Outcome.ACCEPTED
        await until(lambda: bool(self.slack.modals_of(MAYA.id)))
        return self.slack.modals_of(MAYA.id)[-1].id


@pytest.fixture(params=["socket", "http"])
async def house(request: pytest.FixtureRequest, slack: LocalSlack) -> AsyncIterator[House]:
    modules = await installed("@slack/bolt", BOLT)
    app, mode = slack.credentials, str(request.param)
    secrets = {"token": app.bot_token, "appToken": app.app_token, "signingSecret": app.signing_secret}
    process = await asyncio.create_subprocess_exec(
        *("node", str(APP), str(modules), mode, slack.api_url, json.dumps(secrets)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    http = None
    if mode == "http":
        url = f"http://127.0.0.1:{ready['port']}/slack/events"
        slack.workspace.delivery = http = SignedHttp(app, url, slack.workspace.mint.clock, ACK_TIMEOUT_S)
        assert await http.verify("a challenge")
    else:
        await slack.sockets.wait_for_connections(1)
    yield House(slack.workspace)
    process.stdin.close()
    await asyncio.wait_for(process.wait(), 10)
    if http is not None:
        await http.close()


async def test_a_command_is_answered_directly_and_by_a_message(house: House) -> None:
    seen = await house.slack.run_command(TOMAS.id, HUNTS, "/hunt", "help")
    assert seen.message is not None
    assert (seen.message.text, seen.message.ephemeral_to) == ("Try `/hunt lambda-perms`", TOMAS.id)
    finding = await house.finding()
    assert "is open" in house.text_of(finding)


async def test_a_button_opens_a_form_that_is_mended_and_redraws_the_message(house: House) -> None:
    finding = await house.finding()
    form = await house.noting(finding)
    refused = await house.slack.submit_view(MAYA.id, form, {"text": {"text": "the password is 1234"}})
    assert (refused.outcome, refused.errors) == (Outcome.ERRORS, {"text": "No secrets, please."})
    taken = await house.slack.submit_view(MAYA.id, form, {"text": {"text": "ours"}})
    assert taken.outcome is Outcome.CLOSED
    await until(lambda: f"noted by <@{MAYA.id}>: ours" in house.text_of(finding))
    assert house.slack.messages.get(HUNTS, finding.ts).edited is not None


async def test_a_form_that_is_cancelled_is_told_of(house: House) -> None:
    finding = await house.finding()
    form = await house.noting(finding)
    await house.slack.close_view(MAYA.id, form)
    await until(lambda: house.slack.messages.reply_count(finding) == 1)


async def test_a_response_url_answers_whom_it_was_given_to(house: House) -> None:
    finding = await house.finding()
    await house.slack.press(TOMAS.id, HUNTS, finding.ts, "answer")
    await until(lambda: [message.text for message in house.shown(TOMAS.id)][1:] == ["Answered"])
    assert len(house.shown(MAYA.id)) == 1


async def test_options_are_asked_for_and_chosen(house: House) -> None:
    finding = await house.finding()
    (option,) = await house.slack.suggest_in_message(AISHA.id, HUNTS, finding.ts, "who", None, "deploy")
    await house.slack.press(AISHA.id, HUNTS, finding.ts, "who", chosen=option["value"])
    await until(lambda: house.slack.messages.reply_count(finding) == 1)
    assert house.slack.thread_for(AISHA.id, HUNTS, finding.ts)[-1].text == "role/deploy owns it"


async def test_shortcuts_of_a_message_and_of_the_workspace(house: House) -> None:
    finding = await house.finding()
    assert (
        await house.slack.message_shortcut(TOMAS.id, HUNTS, finding.ts, "huntbot_triage")
    ).outcome is Outcome.ACCEPTED
    await until(lambda: [message.text for message in house.shown(TOMAS.id)][1:] == ["About F-1"])
    assert (await house.slack.shortcut(AISHA.id, "huntbot_hunt")).outcome is Outcome.ACCEPTED
    await until(lambda: bool(house.slack.modals_of(AISHA.id)))


async def test_the_home_tab_is_published_and_its_button_redraws_it(house: House) -> None:
    await house.slack.open_home(AISHA.id)
    await until(lambda: house.slack.home_of(AISHA.id) is not None)
    home = house.slack.home_of(AISHA.id)
    assert home is not None
    assert (await house.slack.press_in_view(AISHA.id, home.id, "refresh")).outcome is Outcome.ACCEPTED
    await until(lambda: "2 open findings" in json.dumps(house.slack.views.get(home.id).blocks))


async def test_a_file_is_uploaded_by_its_own_helper(house: House) -> None:
    await house.slack.run_command(MAYA.id, HUNTS, "/hunt", "export")
    await until(lambda: any(message.files for message in house.shown()))
    (message,) = house.shown()
    assert (message.text, message.files[0].name) == ("The whole run", "run.csv")
    assert house.slack.files.body(message.files[0].id) == b"finding,severity\nF-1,high\n"
