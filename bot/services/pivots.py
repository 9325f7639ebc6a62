"""Pivots: what a hunt's author would ask next, asked of the logs around one finding and answered in its thread."""

from collections.abc import Callable, Mapping

from bot.domain.finding import UNSAVED, Finding, FindingId
from bot.domain.hunt import HuntShelf, Window, row_limit
from bot.domain.intent import Progress
from bot.domain.pivot import Pivot, answered, bind
from bot.domain.responder import ChannelId, Place, UserId
from bot.domain.rows import Scalar
from bot.domain.run import Run, RunRequest, Trigger
from bot.errors import BadArgument
from bot.ports.findings import Findings
from bot.ports.outbox import Outbox
from bot.ports.runs import Runs
from bot.ports.search import Clock, LogSearch
from bot.services.search import offered


class PivotService:
    """Asks and answers pivots; what is asked is a stored run, so that a restart loses no answer."""

    def __init__(
        self,
        shelf: HuntShelf,
        logs: LogSearch,
        findings: Findings,
        runs: Runs,
        outbox: Outbox,
        clock: Clock,
        known_accounts: str = "",
    ) -> None:
        self._shelf = shelf
        self._logs = logs
        self._findings = findings
        self._runs = runs
        self._outbox = outbox
        self._clock = clock
        self._known_accounts = known_accounts

    async def request(
        self, finding: FindingId, key: str, by: UserId, place: Place = Place(), delivery: str | None = None
    ) -> Run | None:
        """Store a pivot, to be answered in the thread of the finding's card where it was pressed, else of its latest.

        None where it was asked already and the answer is on its way.

        Raises:
            UnknownFinding: there is none of that id.
            BadArgument: the pivot is gone, lacks a column, or the finding has no message to answer under.
            StoreError: nothing was stored.
        """
        about = await self._findings.get(finding)
        pivot = self._pivot(about, lambda pivot: pivot.key == key)
        _bound(pivot, about)
        asked = RunRequest(
            about.hunt,
            Trigger.PIVOT,
            self._clock(),
            await self._channel(about, place),
            by,
            dedupe_key=delivery,
            finding=about.id,
            pivot=pivot.name,
        )
        return await self._runs.request(asked)

    async def work(self, run: Run) -> Run:
        """Ask the logs and store the answer.

        Raises:
            LogSearchError: unavailable, denied or rejected.
            InputError: the pivot or the finding is gone.
            StoreError: the answer could not be stored.
        """
        about = await self._findings.get(run.request.finding or UNSAVED)
        pivot = self._pivot(about, lambda pivot: pivot.name == run.request.pivot)
        bound = _bound(pivot, about)
        now = self._clock()
        window = Window(*pivot.stretch(about.face.at, now))
        started = await self._runs.start(run, window, now)
        known = offered(pivot.query, window, self._known_accounts)
        rows = await self._logs.query(pivot.query, {**bound, **known})
        is_more = len(rows.values) >= row_limit(pivot.query)
        return await self._runs.answer(started, answered(rows, is_more=is_more), self._clock())

    def _pivot(self, about: Finding, is_asked: Callable[[Pivot], bool]) -> Pivot:
        for pivot in self._shelf.recall(about.hunt).pivots:
            if is_asked(pivot):
                return pivot
        raise BadArgument(about.ref, "its hunt has no such question any more; open Details again")

    async def _channel(self, about: Finding, place: Place) -> ChannelId:
        """The channel of the card that it hangs under."""
        cards = [card for card in await self._outbox.of_finding(about.id) if card.ts is not None]
        here = [card for card in cards if card.channel == place.channel]
        live = [card for card in cards if card.progress is Progress.ALIVE]
        card = next(reversed(here or live or cards), None)
        if card is None:
            raise BadArgument(about.ref, "it has no message yet that the answer could hang under")
        return card.channel


def _bound(pivot: Pivot, about: Finding) -> Mapping[str, Scalar]:
    """Raises BadArgument where the finding lacks a column that the query asks for."""
    values, missing = bind(pivot, about.face.columns)
    if missing:
        raise BadArgument(pivot.name, f"{about.ref} has no single {', no single '.join(missing)} to ask with")
    return values
