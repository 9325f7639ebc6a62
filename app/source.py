"""Where a command of the terminal finds its logs: Elasticsearch, or the embedded one over a path."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from elastic_transport import BaseAsyncNode
from elasticsearch import AsyncElasticsearch

from app.console import say
from app.settings import Purpose, Settings, read_settings, required
from app.window import AskedWindow
from bot.adapters.elasticsearch import ElasticsearchLogs, open_client
from bot.domain.hunt import Window
from bot.domain.lines import iso
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

    async def window(self, asked: AskedWindow, usual: timedelta, now: datetime) -> Window:
        """What was asked for; where nothing was, all of the logs that were given, else `usual` back from now.

        Raises:
            BadArgument: the window is none.
            LogSearchUnavailable: no event of the logs has a time.
        """
        if self.logs is None or not asked.is_open:
            return asked.over(now, usual)
        span = await self.span()
        say(f"no window given: all of these logs, {iso(span.start)} to {iso(span.end)}")
        return span

    async def span(self) -> Window:
        """From the first event of the embedded logs to just after the last.

        Raises:
            LogSearchUnavailable: no event has a time.
        """
        query = f"FROM {CLOUDTRAIL} | STATS earliest = MIN(@timestamp), latest = MAX(@timestamp)"
        [(first, last)] = (await ElasticsearchLogs(self.client).query(query, {})).values
        if first is None or last is None:
            raise LogSearchUnavailable("no event in these logs has a time")
        return Window(datetime.fromisoformat(str(first)), datetime.fromisoformat(str(last)) + _JUST_AFTER)


def search_client(settings: Settings, node_class: type[BaseAsyncNode] | None = None) -> AsyncElasticsearch:
    """The Elasticsearch that the settings name."""
    key = settings.elasticsearch_api_key
    return open_client(
        required("ELASTICSEARCH_URL", settings.elasticsearch_url),
        api_key=key.get_secret_value() if key else None,
        ca_file=settings.elasticsearch_ca_file,
        timeout_s=settings.search_timeout_s,
        node_class=node_class,
    )


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


@contextmanager
def extra_for(option: str) -> Iterator[None]:
    """Where the imports of an extra stand: what is missing is said with its cure.

    Raises:
        BadArgument: the option needs what is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        cure = f"needs {missing.name}, which is not installed: pip install 'huntbot[local]'"
        raise BadArgument(option, cure) from missing


def _embedded_client(logs: Path | None, indices: Mapping[str, Path], clock: Clock) -> AsyncElasticsearch:
    with extra_for("--logs" if logs else "--index"):
        from app import embedded  # noqa: PLC0415 - an extra: a production bot installs none of it
    application = embedded.application(logs, indices, clock)
    return open_client(embedded.URL, node_class=embedded.plug(application))
