"""A workspace and a bot beside it, for tests that need nothing else of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from local.slack.sample import sample_workspace
from local.slack.server import LocalSlack
from tests.slack.house import Clock, House, Logs, open_house


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
async def house(slack: LocalSlack, logs: Logs, clock: Clock, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(slack, logs, clock, tmp_path) as house:
        yield house
