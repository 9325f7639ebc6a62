"""Where a command of the terminal finds its logs: Elasticsearch, or the embedded one over a path."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from elasticsearch import AsyncElasticsearch

from app.compose import search_client
from app.console import say
from app.settings import Purpose, read_settings
from bot.adapters.elasticsearch import ElasticsearchLogs, open_client
from bot.domain.hunt import Window
from bot.errors import BadArgument, LogSearchUnavailable

Clock = Callable[[], datetime]

CLOUDTRAIL = "logs-aws.cloudtrail-*"

# A window's end is not part of it, and dates are kept to the millisecond.
_JUST_AFTER = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Source:
    """An open client; `logs` is the path it reads where it is the embedded one."""

    client: AsyncElasticsearch
    logs: Path | None = None

    async def span(self) -> Window:
        """From the first event of the embedded logs to just after the last.

        Raises:
            LogSearchUnavailable: no event has a time.
        """
        query = f"FROM {CLOUDTRAIL} | STATS first = MIN(@timestamp), last = MAX(@timestamp)"
        [(first, last)] = (await ElasticsearchLogs(self.client).query(query, {})).values
        if first is None or last is None:
            raise LogSearchUnavailable("no event in these logs has a time")
        return Window(datetime.fromisoformat(str(first)), datetime.fromisoformat(str(last)) + _JUST_AFTER)


@asynccontextmanager
async def open_source(
    logs: Path | None, clock: Clock, indices: Mapping[str, Path] | None = None
) -> AsyncIterator[Source]:
    """The embedded Elasticsearch where a path or an index is given, else the one that the settings name.

    What was read of the logs, and what was not, is said on stderr.

    Raises:
        BadArgument: a path can not be read, or the extra that the embedded engine needs is not installed.
        SettingsError: neither a path nor ELASTICSEARCH_URL says where the logs are.
        LogSearchUnavailable: there is not one CloudTrail record at the path.
    """
    if logs is None and not indices:
        client = search_client(read_settings(Purpose.SEARCH))
    else:
        client = _embedded_client(logs, indices or {}, clock)
    try:
        yield Source(client, logs)
    finally:
        await client.close()


def _embedded_client(logs: Path | None, indices: Mapping[str, Path], clock: Clock) -> AsyncElasticsearch:
    try:
        from app import embedded  # noqa: PLC0415 - an extra: a production bot installs none of it
    except ModuleNotFoundError as missing:
        cure = (
            f"the embedded engine needs {missing.name}; install huntbot with the extra: pip install 'huntbot[local]'"
        )
        raise BadArgument("--logs" if logs else "--index", cure) from missing
    application, receipt = embedded.application(logs, indices, clock)
    if receipt is not None:
        for sentence in receipt.sentences():
            say(sentence)
        if not receipt.records and receipt.skipped:
            raise LogSearchUnavailable(f"nothing at {logs} is a CloudTrail record")
    return open_client(embedded.URL, node_class=embedded.plug(application))
