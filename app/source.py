"""Where a command of the terminal finds its logs: Elasticsearch, or the embedded one over a path."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.console import say
from app.loading import loading
from app.settings import Purpose, Settings, read_settings, read_usable_settings, required
from app.window import ALWAYS, AskedWindow
from bot.domain.hunt import Window
from bot.domain.lines import iso
from bot.domain.rows import Rows
from bot.errors import BadArgument, LogSearchUnavailable

if TYPE_CHECKING:  # what a command does not use it does not load: the client alone takes half a second
    from elastic_transport import BaseAsyncNode
    from elasticsearch import AsyncElasticsearch

    from app.embedded import Embedded
    from bot.ports.search import Param

Clock = Callable[[], datetime]

CLOUDTRAIL = "logs-aws.cloudtrail-*"

# A window's end is not part of it, and dates are kept to the millisecond.
_JUST_AFTER = timedelta(milliseconds=1)

# A bound that is an argument, as BUCKET(@timestamp, 50, ?_tstart, ?_tend) has it, is reckoned with.
_RECKONED_WITH = re.compile(r"[(,]\s*\?_t(?:start|end)\b")


class Logs(Protocol):
    """Answers ES|QL: a `bot.ports.LogSearch` that has the whole response, too."""

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows: ...

    async def answer(self, text: str, params: Mapping[str, Param]) -> tuple[Mapping[str, Any], tuple[str, ...]]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """Open logs; `is_archive` where they were given by a path."""

    logs: Logs
    is_archive: bool = False

    async def window(self, asked: AskedWindow, usual: timedelta, now: datetime, query: str = "") -> Window:
        """What was asked for; where nothing was, all of the logs that were given, else `usual` back from now.

        All of the logs is a window without ends, unless the query reckons with them: then the archive is searched for
        its first event and its last.

        Raises:
            BadArgument: the window is none.
            LogSearchUnavailable: no event of the logs has a time.
        """
        if not self.is_archive or not asked.is_open:
            return asked.over(now, usual)
        if not _RECKONED_WITH.search(query):
            say("no window given: all of these logs")
            return ALWAYS
        span = await self.span()
        say(f"no window given: all of these logs, {iso(span.start)} to {iso(span.end)}")
        return span

    async def span(self) -> Window:
        """From the first event of the logs to just after the last.

        Raises:
            LogSearchUnavailable: no event has a time.
        """
        query = f"FROM {CLOUDTRAIL} | STATS earliest = MIN(@timestamp), latest = MAX(@timestamp)"
        [(first, last)] = (await self.logs.query(query, {})).values
        if first is None or last is None:
            raise LogSearchUnavailable("no event in these logs has a time")
        return Window(datetime.fromisoformat(str(first)), datetime.fromisoformat(str(last)) + _JUST_AFTER)


def search_client(settings: Settings, node_class: type[BaseAsyncNode] | None = None) -> AsyncElasticsearch:
    """The Elasticsearch that the settings name."""
    from bot.adapters.elasticsearch import open_client  # noqa: PLC0415 - see above

    key = settings.elasticsearch_api_key
    return open_client(
        required("ELASTICSEARCH_URL", settings.elasticsearch_url),
        api_key=key.get_secret_value() if key else None,
        ca_file=settings.elasticsearch_ca_file,
        timeout_s=settings.search_timeout_s,
        node_class=node_class,
    )


@asynccontextmanager
async def open_source(embedded: Embedded | None) -> AsyncIterator[Source]:
    """The embedded Elasticsearch where there is one, else the one that the settings name.

    Raises:
        SettingsError: ELASTICSEARCH_URL does not say where the logs are.
    """
    if embedded is not None:
        yield Source(embedded, is_archive=embedded.logs is not None)
        return
    from bot.adapters.elasticsearch import ElasticsearchLogs  # noqa: PLC0415 - see above

    async with search_client(read_settings(Purpose.SEARCH)) as client:
        yield Source(ElasticsearchLogs(client))


@contextmanager
def embedded_over(
    logs: str | None, clock: Clock, indices: Mapping[str, Path] | None = None, *, copies: bool = True
) -> Iterator[Embedded | None]:
    """The embedded Elasticsearch over what is given, None where nothing is; `copies`: whether archives are kept.

    Raises:
        BadArgument: a path can not be read, or the extra that the embedded engine needs is not installed.
    """
    if logs is None and not indices:
        yield None
        return
    with extra_for("--logs" if logs else "--index"), loading():
        from app import embedded  # noqa: PLC0415 - an extra: a production bot installs none of it
    plugged = embedded.plugged(logs, indices or {}, clock, read_usable_settings().cache if copies else None)
    try:
        yield plugged
    finally:
        plugged.close()


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
