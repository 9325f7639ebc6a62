"""Digests: which are due, and what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from bot.domain.daily import Daily, bounds, daily
from bot.domain.digest import AGES, DAY, Aside, Changed, Digest, compile_digest, with_news
from bot.domain.hunt import Slug, Window
from bot.domain.paging import LISTED
from bot.domain.queue import Queued, Wanted
from bot.domain.responder import ChannelId, UserId
from bot.domain.run import MOST_MISSED, Run, RunId, RunRequest, Trigger
from bot.domain.schedule import Due, Schedule
from bot.domain.source import Source, hushed
from bot.domain.triage import Queue
from bot.errors import StoreError
from bot.ports.findings import Findings
from bot.ports.runs import Runs
from bot.ports.search import Clock
from bot.services.hunt import HuntService


class DigestService:
    """`schedules` name their channels by id; due times older than `catch_up` are passed over.

    `timezone` is the one whose days are counted where a hunt's schedule names none.
    """

    def __init__(
        self,
        hunts: HuntService,
        runs: Runs,
        findings: Findings,
        clock: Clock,
        schedules: Mapping[Slug, Schedule],
        catch_up: timedelta = timedelta(hours=24),
        timezone: tzinfo = UTC,
    ) -> None:
        self._hunts = hunts
        self._runs = runs
        self._findings = findings
        self._clock = clock
        self._schedules = schedules
        self._catch_up = catch_up
        self._timezone = timezone

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
        heard = run.receipt.sources if run.receipt else ()
        return await self._compiled(hunt, run, last, at, changed, (heard, run.window))

    async def dry_run(self, hunt: Slug) -> Digest:
        """Search as the next digest would and compare with the store; writes nothing.

        Raises:
            UnknownHunt: there is no hunt of that name.
            LogSearchError: the logs could not be asked.
        """
        wanted = self._hunts.shelf.find(hunt)
        window = await self._hunts.digest_window(wanted)
        answer = await self._hunts.search(wanted, window)
        heard = await self._hunts.listen(wanted, window)
        at = self._clock()
        last = await self._runs.last_digest(wanted.slug, self._channel_of(wanted.slug))
        since = last.finished_at if last else None
        stored = await self._runs.changed_since(wanted.slug, since, at)
        previewed = await self._findings.preview(wanted.slug, answer.hits, at)
        return await self._compiled(wanted.slug, None, last, at, with_news(stored, previewed), (heard, window))

    async def _compiled(
        self,
        hunt: Slug,
        run: Run | None,
        last: Run | None,
        at: datetime,
        changed: Changed,
        heard: tuple[Sequence[Source], Window | None],
    ) -> Digest:
        since = last.finished_at if last else None
        untouched = Wanted(Queue.UNTOUCHED, at, hunt=hunt, oldest_first=True)
        waiting = await self._findings.queue(untouched, LISTED)
        next_at = self._next_after(hunt, at)
        soon = Wanted(Queue.SNOOZED, at, hunt=hunt, wakes_until=next_at)
        sources, window = heard
        before = last.receipt.sources if last and last.receipt else ()
        aside = Aside(
            failed=tuple(await self._runs.failed_since(hunt, since, at)),
            skipped=tuple(await self._runs.skipped_since(hunt, since, at)),
            incomplete=tuple(await self._runs.incomplete_since(hunt, since, at)),
            aging={age: await self._aging(untouched, age) for age in AGES} if waiting.total else {},
            waking=await self._findings.queue(soon, LISTED),
            next_at=next_at,
            hushed=hushed(sources, before, window) if window else (),
            waited=await self._findings.waited(hunt, since, at),
            daily=await self._daily(hunt, at),
        )
        return compile_digest(hunt, run, since, at, changed, waiting, aside)

    async def _aging(self, untouched: Wanted, age: timedelta) -> Queued:
        """How much has been waiting for longer than that: counted, none of it loaded."""
        return await self._findings.queue(replace(untouched, opened_until=untouched.at - age), 0)

    async def _daily(self, hunt: Slug, at: datetime) -> Daily:
        schedule = self._schedules.get(hunt)
        zone = ZoneInfo(schedule.timezone) if schedule else self._timezone
        days = bounds(at, zone)
        return daily(await self._findings.found_a_day(hunt, days), days, zone)

    def _next_after(self, hunt: Slug, at: datetime) -> datetime:
        """When the next digest is due; of a hunt without a schedule, people look again in a day."""
        schedule = self._schedules.get(hunt)
        return schedule.next_after(at) if schedule else at + DAY

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
