"""What people ask to see, shown to them alone."""

from collections.abc import Sequence

from bot.blocks import queue, status, suppression
from bot.domain.finding import Finding, FindingId
from bot.domain.message import Link
from bot.domain.responder import UserId
from bot.domain.triage import Queue
from handlers.desk import Desk
from handlers.reply import Aside, whisper


async def show_queue(desk: Desk, aside: Aside, which: Queue, who: UserId) -> None:
    page = await desk.services.triage.queue(which, who, queue.SHOWN)
    links = await links_to(desk, page.findings)
    await whisper(aside, queue.queue_text(which, page), queue.queue_blocks(which, page, desk.hunt_of, links))


async def links_to(desk: Desk, findings: Sequence[Finding]) -> Sequence[Link]:
    """The live messages of the findings; those that stand nowhere are left out."""
    standings = await desk.services.triage.standings(findings)
    return [Link(f.ref, await desk.link(standings[f.id])) for f in findings if f.id in standings]


async def show_finding(desk: Desk, aside: Aside, finding: FindingId) -> None:
    """Raises UnknownFinding."""
    shown = await desk.services.triage.show(finding)
    url = await desk.link(shown.standing) if shown.standing else None
    hunt = desk.hunt_of(shown.finding)
    blocks = queue.show_blocks(shown.finding, hunt, shown.history, shown.hits, url)
    await whisper(aside, queue.show_text(shown.finding, hunt), blocks)


async def show_status(desk: Desk, aside: Aside) -> None:
    hunts = desk.services.hunts
    backlog = await desk.services.delivery.backlog()
    now = status.Status(
        hunts=len(hunts.shelf.hunts),
        schedules=desk.services.digests.schedules,
        running=tuple(await hunts.unfinished()),
        backlog=backlog,
        at=desk.clock(),
    )
    await whisper(aside, status.text(now), status.blocks(now))


async def show_suppressions(desk: Desk, aside: Aside) -> None:
    review = await desk.services.suppressions.review()
    await whisper(aside, suppression.text(review), suppression.blocks(review, desk.services.hunts.shelf.recall))
