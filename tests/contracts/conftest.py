"""The local workspace on a free port, and Slack's own client pointed at it."""

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from local.slack.sample import sample_workspace
from local.slack.server import LocalSlack


@pytest.fixture
async def local() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(sample_workspace(clock=time.time)) as slack:
        yield slack


@pytest.fixture
async def client(local: LocalSlack) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            local.credentials.bot_token, base_url=local.api_url, session=session, retry_handlers=[]
        )
        client.proxy = None  # no proxy of this machine stands before loopback
        yield client
