"""Drafting: an intent names what it shows; here that is loaded into the message that blocks draw."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.intent import Intent, Kind, Progress
from bot.domain.kibana import Discover
from bot.domain.memory import SeenBefore, seen_before
from bot.domain.message import (
    DigestPost,
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
from bot.ports import Findings, Outbox, Runs, Workspace
from bot.services.digest import DigestService
from bot.services.hunt import HuntService

T = TypeVar("T")

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
        on_call_group: str | None = None,
        discover: Discover | None = None,
    ) -> None:
        self._outbox = outbox
        self._findings = findings
        self._runs = runs
        self._digests = digests
        self._hunts = hunts
        self._workspace = workspace
        self._on_call_group = on_call_group
        self._discover = discover

    async def draft(self, intent: Intent) -> Message:
        """The message as it is now. Raises StoreError."""
        match intent.kind:
            case Kind.FINDING:
                return await self._card(intent)
            case Kind.NOTE:
                return await self._note(intent)
            case Kind.RUN | Kind.DIGEST:
                return await self._answer(intent)
            case Kind.ESCALATION | Kind.CALL:
                return await self.escalation(intent)
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
            digest = await self._digests.compile(run)
            return DigestPost(digest, hunt, await self._links(*digest.headings))
        outcome = await self._runs.outcome(run.id)
        links = await self._links(outcome.news, outcome.known)
        in_thread = any(card.thread_of == intent.key for card in await self._outbox.of_run(run.id))
        return RunAnswer(outcome, hunt, links, in_thread)

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
