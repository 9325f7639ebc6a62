"""Drafting: an intent names what it shows; here that is loaded into the message that blocks draw."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from bot.domain.bulk import BulkId
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.intent import Intent, Kind, Progress
from bot.domain.kibana import Discover
from bot.domain.memory import SeenBefore, seen_before
from bot.domain.message import (
    BulkAnswer,
    DigestPost,
    DigestSheet,
    EscalationCall,
    FindingCard,
    HistoryNote,
    Link,
    Message,
    PivotReply,
    RouteNotice,
    RunAnswer,
    RunProgress,
    Standing,
)
from bot.domain.run import Run, Trigger
from bot.errors import StoreError, WorkspaceError
from bot.ports.desk import Bulks
from bot.ports.findings import Findings
from bot.ports.outbox import Outbox
from bot.ports.runs import Runs
from bot.ports.workspace import Workspace
from bot.services.digest import DigestService
from bot.services.hunt import HuntService

T = TypeVar("T")

_PLACEHOLDER = 1  # how often a digest was drawn that says no more than that it is under way
LINKED = 25  # findings under one heading that are worth a link: more than a message shows


class Drafting:
    """Reads the store at the moment of delivery, so that what goes out is never older than its intent.

    `on_call_group` is the id of the user group that an escalation mentions, `discover` where Kibana is, if anywhere.
    """

    def __init__(
        self,
        outbox: Outbox,
        findings: Findings,
        runs: Runs,
        digests: DigestService,
        hunts: HuntService,
        workspace: Workspace,
        bulks: Bulks,
        on_call_group: str | None = None,
        discover: Discover | None = None,
    ) -> None:
        self._outbox = outbox
        self._findings = findings
        self._runs = runs
        self._digests = digests
        self._hunts = hunts
        self._workspace = workspace
        self._bulks = bulks
        self._on_call_group = on_call_group
        self._discover = discover

    async def draft(self, intent: Intent) -> Message:  # noqa: PLR0911 - one branch a kind
        """The message as it is now. Raises StoreError."""
        match intent.kind:
            case Kind.FINDING:
                return await self._card(intent)
            case Kind.NOTE:
                return await self._note(intent)
            case Kind.RUN | Kind.DIGEST:
                return await self._answer(intent)
            case Kind.PAGE:
                return await self._page(intent)
            case Kind.ESCALATION | Kind.CALL:
                return await self.escalation(intent)
            case Kind.BULK:
                return BulkAnswer(await self._bulks.get(BulkId(_there(intent.bulk))))
            case Kind.ROUTE:
                return await self._route(intent)

    async def escalation(self, intent: Intent) -> EscalationCall:
        finding = await self._finding(intent)
        event = await self._findings.event(_there(intent.event))
        links = await self._links([finding])
        hunt = self._hunts.shelf.recall(finding.hunt)
        return EscalationCall(
            finding,
            hunt,
            event,
            back=links[0] if links else None,
            on_call=self._on_call_group,
            is_retired=intent.progress is Progress.RETIRED,
            known_accounts=self._hunts.known_accounts,
        )

    async def _card(self, intent: Intent) -> FindingCard:
        finding = await self._finding(intent)
        cards = await self._outbox.of_finding(finding.id)
        place = [card.key for card in cards].index(intent.key)
        is_retired = intent.progress is Progress.RETIRED
        is_woken = intent.event is not None  # posted because its snooze ended, not because of a run
        hunt = self._hunts.shelf.recall(finding.hunt)
        return FindingCard(
            finding=finding,
            hunt=hunt,
            novelty=None if is_woken else await self._runs.novelty(_there(intent.run), finding.id),
            earlier=await self._nearest(finding, intent, reversed(cards[:place])),
            is_retired=is_retired,
            later=await self._nearest(finding, intent, cards[place + 1 :]) if is_retired else None,
            is_woken=is_woken,
            late_since=intent.created_at if intent.is_late else None,
            seen_before=None if is_retired else await self._seen_before(finding, hunt),
            check=None if is_retired else await self._runs.last_check(finding.id),
            kibana=self._discover.link(hunt, finding) if self._discover else None,
            known_accounts=self._hunts.known_accounts,
        )

    async def _note(self, intent: Intent) -> HistoryNote:
        return HistoryNote(await self._finding(intent), await self._findings.event(_there(intent.event)))

    async def _route(self, intent: Intent) -> RouteNotice:
        channel = _there(intent.about_route)
        return RouteNotice(channel, intent.created_at, await self._outbox.route(channel))

    async def _answer(self, intent: Intent) -> RunProgress | RunAnswer | DigestPost | PivotReply:
        run = await self._runs.get(_there(intent.run))
        if run.request.trigger is Trigger.PIVOT:
            return await self._reply(run)
        if not run.is_over:
            return RunProgress(run)
        hunt = self._hunts.shelf.recall(run.request.hunt)
        if intent.kind is Kind.DIGEST:
            return await self._digest(intent, run, hunt)
        outcome = await self._runs.outcome(run.id)
        links = await self._links(outcome.news, outcome.known)
        return RunAnswer(outcome, hunt, links, in_thread=await self._has_thread(intent, Kind.FINDING))

    async def _digest(self, intent: Intent, run: Run, hunt: Hunt) -> DigestPost:
        """Its pages are in the store before it is posted, so that none is lost: they wait until it stands."""
        digest = await self._digests.compile(run)
        has_pages = await self._has_thread(intent, Kind.PAGE)
        if intent.drawn <= _PLACEHOLDER and intent.only_for is None and not has_pages and digest.overflow:
            await self._outbox.follow(intent, digest.overflow)
            has_pages = True
        links = await self._links(*digest.headings)
        return DigestPost(digest, hunt, links, await self._has_thread(intent, Kind.FINDING), has_pages)

    async def _page(self, intent: Intent) -> DigestSheet:
        page, run = _there(intent.page), await self._runs.get(_there(intent.run))
        kept = await self._findings.several(page.findings)
        listed = [kept[finding] for finding in page.findings if finding in kept]
        hunt = self._hunts.shelf.recall(run.request.hunt)
        at = run.finished_at or intent.created_at
        return DigestSheet(page, tuple(listed), hunt, await self._links(listed), at)

    async def _has_thread(self, intent: Intent, kind: Kind) -> bool:
        if intent.run is None:
            return False
        return any(
            each.thread_of == intent.key and each.kind is kind for each in await self._outbox.of_run(intent.run)
        )

    async def _reply(self, run: Run) -> PivotReply:
        finding = await self._findings.get(_there(run.request.finding))
        pivots = self._hunts.shelf.recall(finding.hunt).pivots
        nothing = next((pivot.nothing for pivot in pivots if pivot.name == run.request.pivot), "")
        return PivotReply(run, finding, nothing)

    async def _seen_before(self, finding: Finding, hunt: Hunt) -> SeenBefore | None:
        """What was said before matters to whoever has yet to judge."""
        verdict = await self._findings.verdict(finding.id) if finding.is_open else None
        if verdict is None:
            return None
        standings = await self._findings.standings([verdict.finding])
        link = await self._link(verdict.ref, standings.get(verdict.finding))
        return seen_before(hunt, finding, verdict, link.url if link else None)

    async def _finding(self, intent: Intent) -> Finding:
        return await self._findings.get(_there(intent.finding))

    async def _links(self, *headings: Sequence[Finding]) -> tuple[Link, ...]:
        shown = [finding for findings in headings for finding in findings[:LINKED]]
        standings = await self._findings.standings([finding.id for finding in shown])
        links = [await self._link(finding.ref, standings.get(finding.id)) for finding in shown]
        return tuple(link for link in links if link is not None)

    async def _nearest(self, finding: Finding, intent: Intent, others: Iterable[Intent]) -> Link | None:
        """The first of a finding's other cards that stands, one in the same channel before any other."""
        standing = [card for card in others if card.ts is not None]
        for card in sorted(standing, key=lambda card: card.channel != intent.channel):
            return await self._link(finding.ref, Standing(card.channel, _there(card.ts)))
        return None

    async def _link(self, ref: str, standing: Standing | None) -> Link | None:
        """A link is a convenience: where Slack does not give one the message goes without."""
        if standing is None:
            return None
        try:
            return Link(ref, await self._workspace.link(standing))
        except WorkspaceError:
            return None


def _there(value: T | None) -> T:
    """What every intent of its kind names.

    Raises:
        StoreError: this one does not.
    """
    if value is None:
        raise StoreError("An intent does not name what it shows.")
    return value
