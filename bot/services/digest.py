"""Digests: which are due, and what they say."""

from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

from bot.domain.digest import Digest, compile_digest
from bot.domain.hunt import Slug
from bot.domain.responder import ChannelId, UserId
from bot.domain.run import Novelty, Run, RunId, RunRequest, Trigger
from bot.domain.schedule import Schedule
from bot.errors import StoreError
from bot.ports import Clock, Findings, Runs
from bot.services.hunt import HuntService


class DigestService:
    """`schedules` name their channels by id; due times older than `catch_up` are passed over."""

    def __init__(
        self,
        hunts: HuntService,
        runs: Runs,
        findings: Findings,
        clock: Clock,
        schedules: Mapping[Slug, Schedule],
        catch_up: timedelta = timedelta(hours=24),
    ) -> None:
        self._hunts = hunts
        self._runs = runs
        self._findings = findings
        self._clock = clock
        self._schedules = schedules
        self._catch_up = catch_up

    @property
    def schedules(self) -> Mapping[Slug, Schedule]:
        """The hunts whose digests come by the clock."""
        return self._schedules

    async def due(self) -> Sequence[RunId]:
        """Make each schedule's latest due time, if nobody took it, a requested run; the caller works them.

        Due times that passed meanwhile get no digest of their own: the latest one covers their stretch of time.

        Raises:
            StoreError: none could be requested.
        """
        requested: list[RunId] = []
        try:
            async for asked in self._asked_by_schedules():
                if (run := await self._runs.request(asked)) is not None:
                    requested.append(run.id)  # noqa: PERF401 - what came before a failure is kept
        except StoreError:
            if not requested:  # what was requested is worked on; the next tick takes the rest
                raise
        return requested

    async def request_now(
        self, hunt: Slug, channel: ChannelId, by: UserId, dedupe_key: str | None = None, *, is_private: bool = False
    ) -> Run | None:
        """A digest that a person asked for; None where this delivery was taken already. Raises UnknownHunt."""
        return await self._hunts.request(
            RunRequest(
                hunt=hunt,
                trigger=Trigger.DIGEST,
                requested_at=self._clock(),
                channel=channel,
                by=by,
                is_private=is_private,
                dedupe_key=dedupe_key,
            )
        )

    async def compile(self, run: Run) -> Digest:
        """The digest of a finished or failed run."""
        hunt = run.request.hunt
        at = run.finished_at or self._clock()
        last = await self._runs.last_digest(hunt, run.request.channel, before=run.id)
        since = last.finished_at if last else None
        changed = await self._runs.changed_since(hunt, since, at)
        unresolved = await self._findings.unresolved(hunt)
        failed = await self._runs.failed_since(hunt, since, at)
        return compile_digest(hunt, run, since, at, changed, unresolved, failed)

    async def dry_run(self, hunt: Slug) -> Digest:
        """Search as the next digest would and compare with the store; writes nothing.

        Raises:
            UnknownHunt: there is no hunt of that name.
            LogSearchError: the logs could not be asked.
        """
        wanted = self._hunts.shelf.find(hunt)
        answer = await self._hunts.search(wanted, await self._hunts.digest_window(wanted))
        at = self._clock()
        last = await self._runs.last_digest(wanted.slug, self._channel_of(wanted.slug))
        since = last.finished_at if last else None
        news = [
            item
            for item in await self._findings.preview(wanted.slug, answer.hits, at)
            if item[1] is not Novelty.KNOWN
        ]
        ids = {finding.id for finding, _ in news}
        stored = [item for item in await self._runs.changed_since(wanted.slug, since, at) if item[0].id not in ids]
        unresolved = await self._findings.unresolved(wanted.slug)
        failed = await self._runs.failed_since(wanted.slug, since, at)
        return compile_digest(wanted.slug, None, since, at, [*stored, *news], unresolved, failed)

    async def _asked_by_schedules(self) -> AsyncIterator[RunRequest]:
        for hunt, schedule in self._schedules.items():
            now = self._clock()
            key = f"{hunt} {schedule.cron} {schedule.timezone}"
            after = max(await self._runs.due_after(key, now), now - self._catch_up)
            for due in deque(schedule.due(after, now), maxlen=1):  # one digest tells of every stretch that was missed
                yield RunRequest(
                    hunt=hunt,
                    trigger=Trigger.SCHEDULE,
                    requested_at=now,
                    channel=self._channel_of(hunt),
                    schedule_key=key,
                    nominal=due.nominal,
                    due_at=due.at,
                )

    def _channel_of(self, hunt: Slug) -> ChannelId | None:
        """Where the hunt's scheduled digests go."""
        schedule = self._schedules.get(hunt)
        return ChannelId(schedule.channel) if schedule and schedule.channel else None
