"""The next digest of a hunt, compiled and written nowhere."""

from app.clock import now
from app.settings import Settings
from app.source import search_client
from bot.adapters.elasticsearch import ElasticsearchLogs
from bot.adapters.sql import SqlStore
from bot.domain.digest import Digest
from bot.domain.hunt import Hunt, HuntShelf
from bot.services import DigestService, HuntService


async def dry_run(settings: Settings, hunt: Hunt) -> Digest:
    """Search as the scheduled run would, and compare with the store, which is opened to read only."""
    search = search_client(settings)
    try:
        async with await SqlStore.open(settings.database_url.get_secret_value(), is_read_only=True) as store:
            hunting = HuntService(
                HuntShelf({hunt.slug: hunt}),
                ElasticsearchLogs(search, settings.search_timeout_s),
                store.findings,
                store.runs,
                now,
                settings.known_accounts,
                settings.ingest_delay,
            )
            return await DigestService(hunting, store.runs, store.findings, now, {}).dry_run(hunt.slug)
    finally:
        await search.close()
