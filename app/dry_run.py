"""The next digest of a hunt, compiled and written nowhere."""

from collections.abc import Mapping
from dataclasses import replace

from app import rules
from app.clock import now
from app.console import say
from app.digests import schedules
from app.settings import Settings
from app.source import search_client
from bot.adapters.elasticsearch import ElasticsearchLogs
from bot.adapters.sql import SqlStore
from bot.adapters.sql.store import none_yet
from bot.domain.digest import Digest
from bot.domain.hunt import Hunt, HuntShelf, Slug
from bot.domain.responder import ChannelId
from bot.domain.schedule import Schedule
from bot.ports.runs import Runs
from bot.services import DigestService, HuntService


async def dry_run(settings: Settings, hunt: Hunt, hunts: HuntShelf) -> Digest:
    """Search as the scheduled run would, and compare with the store, which is opened to read only."""
    suppressions = rules.load(settings.suppressions, hunts)
    search, url = search_client(settings), settings.database_url.get_secret_value()
    try:
        async with await SqlStore.open(url, is_read_only=True) as store:
            if store.stands_in:
                say(f"{none_yet(url)}: this is what its first digest would say")
            hunting = HuntService(
                HuntShelf({hunt.slug: hunt}),
                ElasticsearchLogs(search, settings.search_timeout_s),
                store.findings,
                store.runs,
                now,
                settings.known_accounts,
                settings.ingest_delay,
                suppressions=suppressions,
            )
            schedule = await scheduled(settings, hunts, hunt, store.runs)
            return await DigestService(hunting, store.runs, store.findings, now, schedule).dry_run(hunt.slug)
    finally:
        await search.close()


async def scheduled(settings: Settings, hunts: HuntShelf, hunt: Hunt, runs: Runs) -> Mapping[Slug, Schedule]:
    """The hunt's schedule with its channel's id: Slack is not asked here, but the store knows where digests went."""
    wanted = schedules(hunts, settings).get(hunt.slug)
    if wanted is None or (named := wanted.channel or settings.channel) is None:
        return {}
    last = await runs.last_digest(hunt.slug, ChannelId(named))
    return {hunt.slug: replace(wanted, channel=(last.request.channel if last else None) or named)}
