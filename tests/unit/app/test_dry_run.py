"""Where a digest that is only shown would go, as far as that is known without asking Slack."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from app import shelf
from app.dry_run import scheduled
from app.settings import Purpose, read_settings
from bot.adapters.sql import SqlStore
from bot.domain.hunt import Slug
from bot.domain.responder import ChannelId
from bot.domain.run import RunRequest, Trigger
from tests.examples import SECURITY
from tests.stand_ins import START
from tests.storing import recorded

SLUG = Slug("lambda-perms")
CRON = {"HUNTBOT_DIGEST_CRON": "0 9 * * *"}
NAMED = CRON | {"HUNTBOT_CHANNEL": "#soc"}
BY_ID = CRON | {"HUNTBOT_CHANNEL": "C0SECURITY"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with await SqlStore.open(f"sqlite:///{tmp_path}/huntbot.db") as opened:
        yield opened


async def channel(store: SqlStore, given: Mapping[str, str]) -> str | None:
    settings = read_settings(Purpose.ANYTHING, given)
    hunts, _ = shelf.load(settings.hunts)
    found = await scheduled(settings, hunts, hunts.find(SLUG), store.runs)
    return found[SLUG].channel if found else None


@pytest.mark.parametrize(("given", "known"), [({}, None), (CRON, None), (NAMED, "#soc"), (BY_ID, "C0SECURITY")])
async def test_before_the_first_digest_it_is_what_the_settings_say(
    store: SqlStore, given: Mapping[str, str], known: str | None
) -> None:
    assert await channel(store, given) == known


async def test_a_name_is_the_channel_where_scheduled_digests_went(store: SqlStore) -> None:
    await recorded(store, [], RunRequest(SLUG, Trigger.SCHEDULE, START, SECURITY))
    await recorded(store, [], RunRequest(SLUG, Trigger.DIGEST, START, ChannelId("C-ELSEWHERE")))

    assert await channel(store, NAMED) == SECURITY
