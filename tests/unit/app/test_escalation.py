"""Settings in, escalation targets out: which there are, and what is refused without showing a secret."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from app.escalation import open_targets
from app.settings import Purpose, read_settings
from bot.adapters.escalation import PagerDuty
from bot.domain.escalation import TargetName
from bot.errors import SettingsError
from tests.processes import ROOT

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
WHSEC = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
ALL = {
    "HUNTBOT_PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
    "HUNTBOT_WEBHOOK_URL": "https://soc.example.com/hook",
    "HUNTBOT_WEBHOOK_SECRETS": WHSEC,
    "HUNTBOT_APPRISE_URLS": "json://a.example.com json://b.example.com",
}


def clock() -> datetime:
    return datetime(2026, 11, 25, tzinfo=UTC)


async def names(given: dict[str, str]) -> set[str]:
    async with open_targets(read_settings(Purpose.ANYTHING, given), clock) as targets:
        assert all(name == target.name for name, target in targets.items())
        return set(targets)


async def faults(given: dict[str, str]) -> dict[str, str]:
    with pytest.raises(SettingsError) as refused:
        await names(given)
    return dict(refused.value.faults)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), set()),
        (("HUNTBOT_PAGERDUTY_ROUTING_KEY",), {"pagerduty"}),
        (("HUNTBOT_WEBHOOK_URL", "HUNTBOT_WEBHOOK_SECRETS"), {"webhook"}),
        (("HUNTBOT_WEBHOOK_SECRETS",), set()),
        (("HUNTBOT_APPRISE_URLS",), {"apprise-json", "apprise-json-2"}),
        (tuple(ALL), {"pagerduty", "webhook", "apprise-json", "apprise-json-2"}),
    ],
)
async def test_there_is_a_target_for_whatever_is_set(given: tuple[str, ...], expected: set[str]) -> None:
    assert await names({name: ALL[name] for name in given}) == expected


async def test_all_that_can_not_be_used_is_said_at_once_and_shows_no_secret() -> None:
    said = await faults(
        ALL
        | {
            "HUNTBOT_WEBHOOK_URL": "https://10.0.0.1/hook/hunter2",
            "HUNTBOT_APPRISE_URLS": "json://a.example.com, nosuch://me:hunter2@b.example.com",
        }
    )
    assert said.keys() == {"HUNTBOT_WEBHOOK_URL", "HUNTBOT_APPRISE_URLS"}
    assert "HUNTBOT_WEBHOOK_PRIVATE=yes" in said["HUNTBOT_WEBHOOK_URL"]
    assert "number 2 is no URL that Apprise understands" in said["HUNTBOT_APPRISE_URLS"]
    assert "hunter2" not in str(said)


async def test_a_private_network_is_open_where_that_is_said() -> None:
    given = ALL | {"HUNTBOT_WEBHOOK_URL": "https://10.0.0.1/hook", "HUNTBOT_WEBHOOK_PRIVATE": "yes"}
    assert "webhook" in await names(given)


async def test_the_place_where_clouds_keep_credentials_is_never_open() -> None:
    given = ALL | {"HUNTBOT_WEBHOOK_URL": "https://169.254.169.254/", "HUNTBOT_WEBHOOK_PRIVATE": "yes"}
    assert set(await faults(given)) == {"HUNTBOT_WEBHOOK_URL"}


async def test_what_was_opened_is_closed() -> None:
    async with open_targets(read_settings(Purpose.ANYTHING, ALL), clock) as targets:
        pagerduty = targets[TargetName("pagerduty")]
    assert isinstance(pagerduty, PagerDuty)
    with pytest.raises(RuntimeError, match="Session is closed"):
        await pagerduty.reach()


_WITHOUT_THE_EXTRA = """
import asyncio, sys
sys.modules["apprise"] = None
from datetime import UTC, datetime
from app.escalation import open_targets
from app.settings import Purpose, read_settings

async def main(urls):
    given = {"HUNTBOT_APPRISE_URLS": urls} if urls else {}
    async with open_targets(read_settings(Purpose.ANYTHING, given), lambda: datetime(2026, 11, 25, tzinfo=UTC)):
        print("opened")

asyncio.run(main(*sys.argv[1:] or [""]))
"""


def _without_the_extra(*urls: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", _WITHOUT_THE_EXTRA, *urls],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_the_extra_its_setting_is_refused_with_the_command_that_installs_it() -> None:
    refused = _without_the_extra("json://hunter2.example.com")
    assert (
        "HUNTBOT_APPRISE_URLS: needs apprise, which is not installed: pip install 'huntbot[apprise]'"
        in refused.stderr
    )
    assert "hunter2" not in refused.stderr


def test_without_the_extra_everything_else_works() -> None:
    assert _without_the_extra().stdout == "opened\n"
