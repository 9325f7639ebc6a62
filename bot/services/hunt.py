"""Running hunts: a question to the logs becomes hits, and a stored run becomes its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.hit import Hit
from bot.domain.hunt import Hunt, HuntShelf, Slug, Window
from bot.domain.responder import ChannelId
from bot.domain.rows import Rows
from bot.domain.run import Filter, Run, RunId, RunRequest
from bot.ports import Clock, Findings, LogSearch, Runs


@dataclass(frozen=True, slots=True)
class Search:
    """An answer that touched no store; `hits` are those the filter let through, `filtered` counts the others."""

    hunt: Hunt
    window: Window
    rows: Rows
    hits: tuple[Hit, ...]
    filtered: int
    is_truncated: bool


class HuntService:
    """`homes` says where the findings of a private run of a hunt go: its digest's channel or the default one."""

    def __init__(
        self,
        shelf: HuntShelf,
        search: LogSearch,
        findings: Findings,
        runs: Runs,
        clock: Clock,
        known_accounts: str = "",
        ingest_delay: timedelta = timedelta(hours=1),
        homes: Mapping[Slug, ChannelId] | None = None,
    ) -> None:
        raise NotImplementedError

    @property
    def shelf(self) -> HuntShelf:
        raise NotImplementedError

    async def search(self, hunt: Hunt, window: Window, filter: Filter = Filter()) -> Search:  # noqa: A002 - the domain's word
        """Ask the logs; writes nothing.

        Raises:
            LogSearchError: unavailable, denied or rejected.
        """
        raise NotImplementedError

    async def request(self, asked: RunRequest) -> Run | None:
        """Store a run and the intent of its answer; None where this delivery or due time was taken already.

        Raises:
            UnknownHunt: there is no hunt of that name.
            StoreError: nothing was stored.
        """
        raise NotImplementedError

    async def work(self, run: RunId) -> Run:
        """Run what was requested and record it; a run that is over is returned as it is.

        A LogSearchError becomes a failed run with an error fit to show; nothing else is lost by it.

        Raises:
            StoreError: the store did not take the result; the run is taken up again after a restart.
        """
        raise NotImplementedError

    async def resume(self) -> Sequence[RunId]:
        """The unfinished runs that a restart takes up again, oldest first."""
        raise NotImplementedError
