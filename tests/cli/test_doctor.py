"""What doctor says of whoever an escalation calls, without calling anybody."""

import asyncio
from pathlib import Path

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
