"""The store of runs: who works on one, and what came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.digest import Changed
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug, Window
from bot.domain.pivot import Answered
from bot.domain.responder import ChannelId
from bot.domain.run import Novelty, Run, RunId, RunOutcome, RunRequest


class Runs(Protocol):
    """The runs of hunts, requested, under way and done. Every method raises StoreError."""

    async def request(self, asked: RunRequest) -> Run | None:
        """Store what was asked, with the intent of its answer; None where this dedupe key or due time already is.

        None too where the same is being asked of one finding: whoever asks meanwhile gets that answer.
        A due time that a clock took which ran ahead (it was requested later than now) is taken anew.
        """
        ...

    async def skip(self, asked: RunRequest, at: datetime) -> bool:
        """Store due times that passed too long ago as one SKIPPED run; False where it is."""
        ...

    async def forget_future(self, at: datetime) -> bool:
        """Put right what a clock left that ran ahead of `at`; whether there was anything.

        Due times that it took are given back, what it passed over is forgotten. Its runs count as finished by now, in
        the order in which they did, and move no mark: nobody knows when they looked.
        """
        ...

    async def claim(self, run: RunId, at: datetime, lease: timedelta) -> Run | None:
        """Take it up until `at + lease`; None where it is over or another process works on it."""
        ...

    async def extend(self, run: Run, at: datetime, lease: timedelta) -> bool:
        """Keep it; False where it was taken up by another process meanwhile (`run.fence`) or is over."""
        ...

    async def start(self, run: Run, window: Window, at: datetime) -> Run:
        """Mark it running; one that is over, or that another process took up since (`run.fence`), stays as it is."""
        ...

    async def fail(self, run: Run, error: str, at: datetime) -> Run:
        """Mark it failed with an error fit to show, its answer to be redrawn.

        One that is over, or that another process took up since (`run.fence`), stays as it is.
        """
        ...

    async def answer(self, run: Run, answered: Answered, at: datetime) -> Run:
        """Mark a pivot done with what its query gave, its message to be redrawn.

        One that is over, or that another process took up since (`run.fence`), stays as it is.
        """
        ...

    async def last_check(self, finding: FindingId) -> Run | None:
        """The latest run that asked whether the finding is still true, done or failed."""
        ...

    async def get(self, run: RunId) -> Run: ...

    async def outcome(self, run: RunId) -> RunOutcome:
        """The run with the findings it returned, as they are now, most severe first."""
        ...

    async def novelty(self, run: RunId, finding: FindingId) -> Novelty | None:
        """What the run made of the finding; None where it did not return it."""
        ...

    async def unfinished(self) -> Sequence[Run]:
        """Requested or running, whoever works on them, oldest first."""
        ...

    async def left(self, at: datetime) -> Sequence[RunId]:
        """The unfinished ones that nobody works on, oldest first."""
        ...

    async def covered_until(self, hunt: Slug) -> datetime | None:
        """How far the logs were looked at without a gap: where the latest complete digest run's window ends.

        Runs that people type do not count: they look at the stretch they were asked to.
        """
        ...

    async def last_digest(self, hunt: Slug, channel: ChannelId | None, before: RunId | None = None) -> Run | None:
        """The latest done digest that readers of `channel` know of, of those that finished before `before` did.

        They know the scheduled ones and what was asked for in their channel (in any, where `channel` is None); what
        one person asked for elsewhere, or was answered alone, told them nothing.
        """
        ...

    async def due_after(self, schedule_key: str, at: datetime) -> datetime:
        """The latest due time that was taken or passed over; for a schedule not met before: `at`, remembered."""
        ...

    async def changed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Changed:
        """What runs finished in (since, until] made of findings, the latest news of each.

        Costs the same however much is stored: no more than MOST_NEWS of the latest news are looked at.
        """
        ...

    async def failed_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        """The runs that failed in (since, until], oldest first; of more than MOST_COUNTED the latest."""
        ...

    async def incomplete_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        """The runs in (since, until] that were partial or cut off, oldest first; of many the latest."""
        ...

    async def skipped_since(self, hunt: Slug, since: datetime | None, until: datetime) -> Sequence[Run]:
        """What was passed over in (since, until], oldest first; of more than MOST_COUNTED the latest."""
        ...

    async def failed_lately(self, since: datetime, until: datetime) -> Sequence[Run]:
        """The runs of all hunts that failed in (since, until], the latest first, MOST_FAILED of them."""
        ...

    async def heard_lately(self, since: datetime, until: datetime) -> Sequence[Run]:
        """The latest done run of each hunt that finished in (since, until]; of many runs MOST_HEARD are looked at."""
        ...

    async def oldest_unresolved(self, hunt: Slug) -> datetime | None:
        """first_seen of the hunt's oldest finding that is neither resolved nor revoked."""
        ...
