"""Many findings triaged at once: offered as they were shown, requested once, carried out in portions to the end."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from bot.domain.bulk import LEASE, Bulk, BulkId, Offer, Order, Tally, changeable, tallied
from bot.domain.escalation import OnCall
from bot.domain.finding import Finding, FindingId
from bot.domain.queue import MOST_COUNTED, AsShown, wanted
from bot.domain.responder import Place, UserId
from bot.domain.run import RunId
from bot.domain.triage import Move
from bot.errors import BadArgument, UnknownFinding
from bot.ports.desk import Bulks
from bot.ports.findings import Findings
from bot.ports.runs import Runs
from bot.ports.search import Clock

PORTION = 20  # presses that are stored together: nobody else's press waits for long

_UNSAVED = BulkId(0)


class BulkService:
    """Each finding is pressed for itself, with a delivery of its own: what is carried out twice has one effect."""

    def __init__(self, bulks: Bulks, findings: Findings, runs: Runs, clock: Clock, on_call: OnCall) -> None:
        self._bulks = bulks
        self._findings = findings
        self._runs = runs
        self._clock = clock
        self._on_call = on_call

    async def offer_queue(self, queue: AsShown, by: UserId, place: Place, move: Move | None = None) -> Offer:
        """Those of a queue that were in it when it was shown, and still are. Raises StoreError.

        `move` None: which move is made is chosen with the findings.
        """
        now = wanted(queue.asked, self._clock(), by)
        as_shown = replace(now, opened_until=min(now.opened_until or queue.at, queue.at))
        queued = await self._findings.queue(as_shown, MOST_COUNTED)
        offer = await self._offer(queued.findings, by, place, move)
        return replace(offer, shown=queue.number, is_more=queued.is_more or queued.is_bounded)

    async def offer_run(self, run: RunId, by: UserId, place: Place, move: Move | None = None) -> Offer:
        """Those that a run returned and that are not resolved. Raises StoreError."""
        outcome = await self._runs.outcome(run)
        waiting = [finding for finding, _ in outcome.findings if finding.is_open]
        offer = await self._offer(waiting[:MOST_COUNTED], by, place, move)
        return replace(offer, is_more=len(waiting) > MOST_COUNTED)

    async def look(self, bulk: BulkId, by: UserId) -> Bulk:
        """Raises BadArgument: it is somebody else's, or forgotten."""
        stored = await self._bulks.get(bulk)
        if stored.by != by:
            raise BadArgument("this form", "it is somebody else's; open one of your own")
        return stored

    async def tick(self, bulk: Bulk, page: Sequence[FindingId], ticked: Collection[FindingId]) -> Bulk:
        """Remember the ticks of one page. Raises BadArgument, StoreError."""
        return await self._bulks.tick(bulk.id, page, ticked)

    async def findings(self, ids: Sequence[FindingId]) -> Sequence[Finding]:
        """Those that are kept still, in this order. Raises StoreError."""
        kept = await self._findings.several(ids)
        return [kept[id_] for id_ in ids if id_ in kept]

    async def request(self, bulk: Bulk, order: Order, chosen: Sequence[FindingId]) -> Bulk:
        """Store that it is to be done with these. Raises BadArgument, StoreError."""
        if not chosen or not set(chosen) <= set(bulk.shown):
            raise BadArgument("nothing is chosen", "tick at least one finding")
        bulk.press(chosen[0], order, self._clock())  # a reason that is missing is said now
        return await self._bulks.request(bulk.id, order, chosen, self._clock())

    async def left(self) -> Sequence[BulkId]:
        """What a stop, a crash or a store that failed left undone. Raises StoreError."""
        return await self._bulks.left(self._clock())

    async def work(self, bulk: BulkId) -> Tally | None:
        """Carry it out; None where it is done or another process is at it.

        Raises:
            StoreError: it goes on from the beginning when its lease is over, and what was done stays done.
        """
        taken = await self._bulks.take(bulk, self._clock(), LEASE)
        if taken is None or taken.order is None:
            return None
        tally = Tally()
        for portion in _portions(taken.chosen):
            fates = await asyncio.gather(*(self._press(taken, taken.order, finding) for finding in portion))
            tally += tallied(dict(zip(portion, fates, strict=True)))
            await self._bulks.keep(bulk, self._clock(), LEASE)
        await self._bulks.finish(bulk, tally, self._clock())
        return tally

    async def _press(self, bulk: Bulk, order: Order, finding: FindingId) -> bool | None:
        try:
            _, event = await self._findings.press(finding, bulk.press(finding, order, self._clock()), self._on_call)
        except UnknownFinding:
            return None
        return event.accepted

    async def _offer(self, found: Sequence[Finding], by: UserId, place: Place, move: Move | None) -> Offer:
        shown = found if move is None else changeable(found, move)
        ids = tuple(finding.id for finding in shown)
        bulk = await self._bulks.offer(Bulk(_UNSAVED, by, self._clock(), ids, place))
        return Offer(bulk, len(found), move, grades=Counter(finding.severity for finding in shown))


def _portions(ids: Sequence[FindingId]) -> Iterator[Sequence[FindingId]]:
    return (ids[at : at + PORTION] for at in range(0, len(ids), PORTION))
