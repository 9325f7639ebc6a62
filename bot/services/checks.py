"""Still true? A hunt asked again for one finding: a removal seen since is stored, and its cards say what was seen."""

from datetime import timedelta

from bot.domain.finding import UNSAVED, FindingId
from bot.domain.hunt import HuntShelf, Window
from bot.domain.memory import Memory
from bot.domain.reach import FARTHEST
from bot.domain.responder import UserId
from bot.domain.run import Receipt, Run, RunRequest, Trigger
from bot.ports.findings import Findings
from bot.ports.runs import Runs
from bot.ports.search import Clock, LogSearch
from bot.services.search import search

LATELY = timedelta(minutes=5)  # what was asked so short a time ago is not asked again by itself


class CheckService:
    """Asks whether findings still stand; nothing is recorded of any other finding."""

    def __init__(
        self,
        shelf: HuntShelf,
        logs: LogSearch,
        findings: Findings,
        runs: Runs,
        clock: Clock,
        known_accounts: str = "",
    ) -> None:
        self._shelf = shelf
        self._logs = logs
        self._findings = findings
        self._runs = runs
        self._clock = clock
        self._known_accounts = known_accounts

    async def request(self, finding: FindingId, by: UserId, delivery: str | None = None) -> Run | None:
        """Store that it is to be checked; None where it is being checked already.

        Raises:
            UnknownFinding: there is none of that id.
            UnknownHunt: its hunt is gone, and nothing else knows how to ask.
            StoreError: nothing was stored.
        """
        about = await self._findings.get(finding)
        hunt = self._shelf.find(about.hunt)
        asked = RunRequest(hunt.slug, Trigger.CHECK, self._clock(), None, by, dedupe_key=delivery, finding=about.id)
        return await self._runs.request(asked)

    async def request_if_cheap(self, finding: FindingId, by: UserId) -> Run | None:
        """The same by itself, once somebody took the finding: where a removal may show, nobody asked lately, and no
        other check is under way. Raises UnknownFinding, StoreError.
        """
        about = await self._findings.get(finding)
        hunt = self._shelf.recall(about.hunt)
        if not hunt.shows_revocations or about.is_revoked or not about.face.was_granted:
            return None
        last = await self._runs.last_check(finding)
        is_fresh = last is not None and last.finished_at is not None and self._clock() - last.finished_at < LATELY
        if is_fresh or await self._is_busy():
            return None
        return await self.request(finding, by)

    async def last(self, finding: FindingId) -> Run | None:
        """The latest check of it that is over, if there was one. Raises StoreError."""
        return await self._runs.last_check(finding)

    async def work(self, run: Run) -> Run:
        """Ask the hunt over the finding's time until now, at most 90 days of it, and record the finding alone.

        What the suppression rules hide is not hidden here: somebody asks for this very finding.

        Raises:
            LogSearchError: unavailable, denied or rejected.
            InputError: the finding or its hunt is gone.
            StoreError: what was seen could not be stored.
        """
        now = self._clock()
        about = await self._findings.get(run.request.finding or UNSAVED)
        hunt = self._shelf.find(run.request.hunt)
        started = await self._runs.start(run, Window(max(about.first_seen, now - FARTHEST), now), now)
        window = started.window or Window(about.first_seen, now)
        seen = await search(self._logs, hunt, window, now=now, known_accounts=self._known_accounts)
        own = [hit for hit in seen.hits if hit.fingerprint == about.fingerprint]
        receipt = Receipt(
            hits=len(own),
            new=0,
            known=0,
            is_partial=seen.rows.is_partial,
            is_truncated=seen.is_truncated,
            took_ms=seen.rows.took_ms,
        )
        memory = Memory.of(hunt)
        return (await self._findings.record(started, own, receipt, self._clock(), memory=memory)).run

    async def _is_busy(self) -> bool:
        return any(run.request.trigger is Trigger.CHECK for run in await self._runs.unfinished())
