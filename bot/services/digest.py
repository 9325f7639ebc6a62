"""Digests: which are due, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from bot.domain.digest import LISTED, Changed, Digest, compile_digest, with_news
from bot.domain.hunt import Slug, Window
from bot.domain.queue import Wanted
from bot.domain.responder import ChannelId, UserId
from bot.domain.run import MOST_MISSED, Run, RunId, RunRequest, Trigger
from bot.domain.schedule import Due, Schedule
from bot.domain.triage import Queue
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

        Due times that were missed get no digest of their own: the latest one stands for them, since it covers their
        stretch of time. Those that are older than `catch_up` are passed over, which the next digest tells.

        Raises:
            StoreError: none could be requested.
        """
        requested: list[RunId] = []
        try:
            await self._runs.forget_future(self._clock())
            for hunt, schedule in self._schedules.items():
                if (run := await self._latest_due(hunt, schedule)) is not None:
                    requested.append(run.id)
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
        return await self._compiled(hunt, run, since, at, changed)

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
        stored = await self._runs.changed_since(wanted.slug, since, at)
        previewed = await self._findings.preview(wanted.slug, answer.hits, at)
        return await self._compiled(wanted.slug, None, since, at, with_news(stored, previewed))

    async def _compiled(
        self, hunt: Slug, run: Run | None, since: datetime | None, at: datetime, changed: Changed
    ) -> Digest:
        untouched = Wanted(Queue.UNTOUCHED, at, hunt=hunt, oldest_first=True)
        return compile_digest(
            hunt,
            run,
            since,
            at,
            changed,
            await self._findings.queue(untouched, LISTED),
            await self._runs.failed_since(hunt, since, at),
            await self._runs.skipped_since(hunt, since, at),
        )

    async def _latest_due(self, hunt: Slug, schedule: Schedule) -> Run | None:
        """The run of the schedule's latest due time, for those before it too; None where there is none to request."""
        now = self._clock()
        key = f"{hunt} {schedule.cron} {schedule.timezone}"
        after, oldest = await self._runs.due_after(key, now), now - self._catch_up
        asked = RunRequest(hunt, Trigger.SCHEDULE, now, self._channel_of(hunt), schedule_key=key)
        if passed_over := tuple(islice(schedule.due(after, oldest), MOST_MISSED)):
            await self._runs.skip(_skipped(asked, passed_over, oldest), now)
        due = tuple(schedule.due(max(after, oldest), now))
        if not due:
            return None
        *missed, latest = due
        return await self._runs.request(replace(asked, nominal=latest.nominal, due_at=latest.at, missed=len(missed)))

    def _channel_of(self, hunt: Slug) -> ChannelId | None:
        """Where the hunt's scheduled digests go."""
        schedule = self._schedules.get(hunt)
        return ChannelId(schedule.channel) if schedule and schedule.channel else None


def _skipped(asked: RunRequest, passed_over: Sequence[Due], until: datetime) -> RunRequest:
    """One row for them all, by the name of the first; its instant is how far they are done with."""
    first = passed_over[0]
    stretch = Window(first.at, until)
    return replace(asked, nominal=first.nominal, due_at=until, window=stretch, missed=len(passed_over))
