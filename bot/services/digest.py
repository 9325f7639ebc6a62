"""Digests: which are due, and what they say."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.domain.digest import Digest
from bot.domain.hunt import Slug
from bot.domain.responder import ChannelId, UserId
from bot.domain.run import Run, RunId
from bot.domain.schedule import Schedule
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
        raise NotImplementedError

    async def due(self) -> Sequence[RunId]:
        """Make every due time that nobody took a requested run, once; the caller works them."""
        raise NotImplementedError

    async def request_now(
        self, hunt: Slug, channel: ChannelId, by: UserId, dedupe_key: str | None = None, *, is_private: bool = False
    ) -> Run | None:
        """A digest that a person asked for; None where this delivery was taken already. Raises UnknownHunt."""
        raise NotImplementedError

    async def compile(self, run: Run) -> Digest:
        """The digest of a finished or failed run."""
        raise NotImplementedError

    async def dry_run(self, hunt: Slug) -> Digest:
        """Search as the next digest would and compare with the store; writes nothing.

        Raises:
            UnknownHunt: there is no hunt of that name.
            LogSearchError: the logs could not be asked.
        """
        raise NotImplementedError
