"""The store of what ought to stand in Slack and with whoever is on call."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.finding import FindingId
from bot.domain.intent import Backlog, Claim, Intent, IntentKey, Lane, RouteStatus
from bot.domain.paging import DigestPage
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.run import RunId


class Outbox(Protocol):
    """The delivery intents and what became of them. Every method raises StoreError."""

    async def claim(self, now: datetime, lease: timedelta, busy: Collection[Lane] = ()) -> Sequence[Claim]:
        """Take at most one due intent of each open lane, the most urgent that nobody holds, and shut the lane.

        Due is what is to be drawn newer than it stands; a thread's children wait until their parent stands, and the
        calls of one finding to one target go in order. A lane opens again after its pace (`Lane.pace`), a channel
        whose route is broken when the route is due to be tried; what somebody waits for (an answer, an escalation)
        is tried once all the same. `busy` lanes are left alone: the caller still works on them. What was written
        before the clock was set back holds nothing up.
        """
        ...

    async def next_due(self, now: datetime, busy: Collection[Lane] = ()) -> datetime | None:
        """When something may go at the earliest: a hint for how long to sleep. None where nothing waits."""
        ...

    async def settle(self, claim: Claim, ts: MessageTs | None, now: datetime, lease: timedelta) -> bool:
        """It stands (drawn up to the version that was claimed), and its route works.

        False where the lease was lost meanwhile: nothing was stored but that it is suspect and has to be drawn once
        more. An intent that may have been sent before without anybody knowing (`claim.may_stand`) is suspect a
        `lease` later. A card that now stands for the first time has messages that link to it drawn again: those it
        took the place of, and the answer of its run once all cards of the run stand.
        """
        ...

    async def put_back(self, claim: Claim, not_before: datetime, *, may_stand: bool) -> None:
        """It did not go out, or nobody knows (`may_stand`): try again from then on. Not where the lease was lost."""
        ...

    async def shut(self, lane: Lane, until: datetime) -> None:
        """Nothing of this lane is claimed before then (an hour at most): Slack asked to wait."""
        ...

    async def detach(self, claim: Claim) -> None:
        """What it hangs under is gone: it is posted in the channel itself."""
        ...

    async def break_route(self, claim: Claim, reason: str, now: datetime, fallback: ChannelId | None) -> None:
        """The channel takes nothing: mark its route, keep what waits for it, tell the fallback channel once.

        The route is tried again after 5, 10, 20, ... minutes, an hour at most; a message that then goes out mends it
        and has the one in the fallback channel drawn again. A route that breaks anew within the hour is told by the
        message that is there.
        """
        ...

    async def break_off(self, claim: Claim, reason: str) -> None:
        """This message can not stand any more (somebody deleted it): keep it and what hangs under it, marked."""
        ...

    async def go_private(self, claim: Claim, user: UserId) -> None:
        """The channel takes no message: the run's answer is shown to `user` alone, once the run is over.

        What the run posts from now on goes to the home channel; cards it owes this channel are given up, and the
        next run that returns their findings posts them anew.
        """
        ...

    async def suspects(self, now: datetime) -> Sequence[Intent]:
        """What may stand twice: to be read back, oldest first."""
        ...

    async def cleared(self, intent: Intent) -> None:
        """Its copies were looked for: it stands once. It is drawn once more, for a late redraw may have come last."""
        ...

    async def follow(self, parent: Intent, pages: Sequence[DigestPage]) -> None:
        """Pages to hang under a message, once however often they are asked for."""
        ...

    async def stands_at(self, key: IntentKey) -> MessageTs | None: ...

    async def release(self) -> None:
        """Give back every lease, on messages and runs: for the one process of a store that nobody else can hold."""
        ...

    async def backlog(self, now: datetime) -> Backlog:
        """How far Slack is behind the store."""
        ...

    async def waiting(self) -> int:
        """How many intents are not drawn as they ought to be, not given up, and not held up by a broken route."""
        ...

    async def of_finding(self, finding: FindingId) -> Sequence[Intent]:
        """The finding's cards, live and retired, oldest first."""
        ...

    async def of_run(self, run: RunId) -> Sequence[Intent]:
        """The run's answer and the cards it posted, oldest first."""
        ...

    async def route(self, channel: ChannelId) -> RouteStatus | None:
        """What is known of a channel that takes nothing; None where it works."""
        ...
