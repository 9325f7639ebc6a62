"""Running hunts: what was requested is searched for and recorded, and a stored run becomes its answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.domain.blast import read_accounts
from bot.domain.hunt import Hunt, HuntShelf, Slug, Window
from bot.domain.memory import Memory
from bot.domain.reach import reach_back
from bot.domain.responder import ChannelId
from bot.domain.run import RUN_LEASE, SKEW, Filter, Run, RunId, RunRequest, Trigger
from bot.domain.source import Source
from bot.domain.suppression import NO_RULES, Suppressions
from bot.errors import InputError, LogSearchDenied, LogSearchError, LogSearchUnavailable, QueryRejected, StoreError
from bot.ports.findings import Findings
from bot.ports.runs import Runs
from bot.ports.search import Clock, LogSearch
from bot.services.lease import while_kept
from bot.services.listening import listen
from bot.services.search import Search, search

Errand = Callable[[Run], Awaitable[Run]]

_LET_GO_S = 1.0

_WHAT_FAILED: Mapping[type[LogSearchError], str] = {
    LogSearchUnavailable: "Elasticsearch could not be asked",
    LogSearchDenied: "Elasticsearch does not let huntbot read the logs",
    QueryRejected: "Elasticsearch does not accept the query of this hunt",
}


class HuntService:
    """`homes` says where the cards of a hunt's private runs go: its digest's channel, or the default one.

    `errands` are what else is a stored run, by what sets it off: who works it.
    """

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
        suppressions: Suppressions = NO_RULES,
        lease: timedelta = RUN_LEASE,
        errands: Mapping[Trigger, Errand] | None = None,
    ) -> None:
        self._shelf = shelf
        self._logs = search
        self._findings = findings
        self._runs = runs
        self._clock = clock
        self._known_accounts = known_accounts
        self._ingest_delay = ingest_delay
        self._homes = homes or {}
        self._suppressions = suppressions
        self._lease = lease
        self._errands = errands or {}
        self._claimed: dict[RunId, Run] = {}  # what is worked on, as it was taken: its fence says whose word counts

    @property
    def shelf(self) -> HuntShelf:
        return self._shelf

    @property
    def known_accounts(self) -> frozenset[str]:
        """The account ids that the settings call known."""
        return read_accounts(self._known_accounts)

    async def search(self, hunt: Hunt, window: Window, filter: Filter = Filter()) -> Search:  # noqa: A002 - the same
        """Ask the logs; writes nothing.

        Raises:
            LogSearchError: unavailable, denied or rejected.
        """
        return await search(
            self._logs,
            hunt,
            window,
            now=self._clock(),
            known_accounts=self._known_accounts,
            filter=filter,
            suppressions=self._suppressions,
        )

    async def listen(self, hunt: Hunt, window: Window) -> tuple[Source, ...]:
        """What the hunt reads, asked whether it speaks, by account and region where the logs tell.

        Raises nothing: what can not be asked is said to be unknown.
        """
        return await listen(self._logs, hunt, window)

    async def request(self, asked: RunRequest) -> Run | None:
        """Store a run and the intent of its answer; None where this delivery or due time was taken already.

        Raises:
            UnknownHunt: there is no hunt of that name.
            StoreError: nothing was stored.
        """
        hunt = self._shelf.find(asked.hunt)
        return await self._runs.request(replace(asked, hunt=hunt.slug))

    async def work(self, run: RunId) -> Run | None:
        """Take up what was requested, run it and record it; the lease is extended as long as the query runs.

        A run that is over is returned as it is, one that another process works on is left to it: None, also where it
        was lost to another meanwhile. A LogSearchError becomes a failed run with an error fit to show, and so does a
        hunt that is gone.

        Raises:
            StoreError: the store did not take the result. The lease stays until it runs out, so that an expensive
                query is not repeated at every tick.
        """
        claimed = await self._runs.claim(run, self._clock(), self._lease)
        if claimed is None:
            stored = await self._runs.get(run)
            return stored if stored.is_over else None
        self._claimed[run] = claimed
        try:
            done = await while_kept(
                self._answer(claimed), lambda: self._keep(claimed), self._lease.total_seconds() / 3
            )
        except asyncio.CancelledError:
            del self._claimed[run]
            await self._let_go(claimed)
            raise
        except StoreError:
            del self._claimed[run]
            raise
        del self._claimed[run]
        return done

    async def give_up(self, run: RunId) -> Run:
        """Mark a run failed whose work ended in an error that nobody foresaw, so that its answer says so."""
        error = "huntbot failed while it worked on this run; its log says how."
        claimed = self._claimed.pop(run, None) or await self._runs.get(run)
        return await self._runs.fail(claimed, error, self._clock())

    async def resume(self) -> Sequence[RunId]:
        """The unfinished runs that nobody works on, oldest first."""
        return await self._runs.left(self._clock())

    async def unfinished(self) -> Sequence[Run]:
        """The runs that are requested or under way, oldest first."""
        return await self._runs.unfinished()

    async def digest_window(self, hunt: Hunt) -> Window:
        """What the next digest of the hunt would look at."""
        covered_until = await self._runs.covered_until(hunt.slug)
        oldest = await self._runs.oldest_unresolved(hunt.slug)
        return reach_back(hunt, self._clock(), covered_until, oldest, self._ingest_delay)

    async def _answer(self, run: Run) -> Run:
        try:
            return await self._errands.get(run.request.trigger, self._work)(run)
        except LogSearchError as fault:
            return await self._runs.fail(run, explained(fault), self._clock())
        except InputError as fault:
            return await self._runs.fail(run, str(fault), self._clock())

    async def _work(self, run: Run) -> Run:
        hunt = self._shelf.find(run.request.hunt)
        window = await self._window(run, hunt)
        started = await self._runs.start(run, window, self._clock())
        answer = await self.search(hunt, window, run.request.filter)
        receipt = replace(answer.receipt, sources=await self._heard(run, hunt, answer))
        home = self._homes.get(hunt.slug)
        memory, now = Memory.of(hunt), self._clock()
        outcome = await self._findings.record(started, answer.hits, receipt, now, home, memory)
        return outcome.run

    async def _heard(self, run: Run, hunt: Hunt, answer: Search) -> tuple[Source, ...]:
        """Hits of a run that somebody typed prove that the logs speak; a digest tells of who has fallen silent."""
        if run.request.trigger is Trigger.COMMAND and answer.rows.values:
            return ()
        return await self.listen(hunt, answer.window)

    async def _keep(self, run: Run) -> bool:
        return await self._runs.extend(run, self._clock(), self._lease)

    async def _let_go(self, run: Run) -> None:
        """Whoever takes it up next need not wait for the lease to run out; no more than a second is spent on that."""
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LET_GO_S):
                await self._runs.extend(run, self._clock(), timedelta(0))

    async def _window(self, run: Run, hunt: Hunt) -> Window:
        """What it looked at when it was begun before, unless by a clock that ran ahead; else what was asked for."""
        now = self._clock()
        if run.window is not None and run.window.end <= now + SKEW:
            return run.window
        if run.request.window is not None:
            return run.request.window
        if run.request.trigger is Trigger.COMMAND:
            return Window.back_from(now, hunt.window)
        return await self.digest_window(hunt)


def explained(fault: LogSearchError) -> str:
    """Why a hunt could not be run, as a sentence for whoever reads its answer."""
    what = _WHAT_FAILED.get(type(fault), "The logs could not be asked")
    return f"{what}: {str(fault).rstrip('.')}."
