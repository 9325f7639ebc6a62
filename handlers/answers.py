"""What people ask to see, shown to them alone."""

from collections.abc import Sequence

from bot.blocks import details, queue, status, suppression
from bot.domain.finding import Finding, FindingId
from bot.domain.message import Link
from bot.domain.queue import Page
from bot.domain.responder import UserId
from handlers.desk import Desk
from handlers.details import gather, with_raw_event
from handlers.reply import Aside, whisper


async def show_queue(desk: Desk, aside: Aside, page: Page, who: UserId) -> None:
    """What is done with all of it later is done with what it held now."""
    now = desk.clock()
    queued = await desk.services.triage.queue(page.asked, who, queue.SHOWN, page.after)
    links = await links_to(desk, queued.findings)
    blocks = queue.queue_blocks(page, queued, desk.hunt_of, now, links)
    await whisper(aside, queue.queue_text(page, queued), blocks)


async def links_to(desk: Desk, findings: Sequence[Finding]) -> Sequence[Link]:
    """The live messages of the findings; those that stand nowhere are left out."""
    standings = await desk.services.triage.standings(findings)
    return [Link(f.ref, await desk.link(standings[f.id])) for f in findings if f.id in standings]


async def show_finding(desk: Desk, aside: Aside, finding: FindingId, who: UserId) -> None:
    """The same as the Details modal, as far as a message holds it. Raises UnknownFinding."""
    known = await with_raw_event(desk, await gather(desk, finding, who))
    await whisper(aside, details.text(known.finding, known.hunt), details.message(known))


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
