"""What the store remembers of earlier verdicts: the latest one that is worth telling of a finding, and who tells it.

Both cost a few steps in an index, however many findings are alike and however long their histories are.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.tables import VERDICTS, events, findings, intents
from bot.domain.finding import Finding, FindingId
from bot.domain.intent import IntentKey, Kind, Progress
from bot.domain.memory import Verdict
from bot.domain.triage import EventId, Move

MOST_ALIKE = 25  # cards that are drawn again at once because a verdict on another finding came or went


async def load_verdict(connection: AsyncConnection, finding: Finding) -> Verdict | None:
    """The latest of two: on the other finding that was resolved last, and on this one before it came back."""
    of_both = [await _verdict_on(connection, finding.id)] if finding.is_open else []
    if finding.memory_key:
        other = (
            select(findings.c.id)
            .where(findings.c.memory_key == finding.memory_key, findings.c.resolved_at.is_not(None))
            .where(findings.c.id != finding.id)
            .order_by(findings.c.resolved_at.desc(), findings.c.id.desc())
            .limit(1)
        )
        alike = await connection.scalar(other)
        of_both += [await _verdict_on(connection, alike)] if alike is not None else []
    return max((verdict for verdict in of_both if verdict), key=lambda v: (v.at, v.event), default=None)


async def cards_alike(connection: AsyncConnection, finding: Finding) -> Sequence[IntentKey]:
    """The live cards of open findings that tell a verdict on this one, the latest first."""
    if not finding.memory_key:
        return ()
    alike = (
        select(findings.c.id)
        .where(findings.c.memory_key == finding.memory_key, findings.c.resolved_at.is_(None))
        .where(findings.c.id != finding.id)
        .order_by(findings.c.id.desc())
        .limit(MOST_ALIKE)
    )
    ids = (await connection.execute(alike)).scalars().all()
    live = (intents.c.kind == Kind.FINDING, intents.c.progress == Progress.ALIVE)
    cards = select(intents.c.key).where(intents.c.finding_id.in_(ids), *live).order_by(intents.c.id.desc())
    return (await connection.execute(cards)).scalars().all() if ids else ()


async def _verdict_on(connection: AsyncConnection, finding: FindingId) -> Verdict | None:
    """How it was resolved last; None where it never was, and where somebody reopened it: then nobody stands by it."""
    last = select(events).where(VERDICTS, events.c.finding_id == finding).order_by(events.c.id.desc()).limit(1)
    row = (await connection.execute(last)).mappings().first()
    if row is None or row["move"] is not Move.RESOLVE:
        return None
    return Verdict(
        event=EventId(row["id"]),
        finding=finding,
        by=row["by"],
        at=row["at"],
        resolution=row["resolution"],
        note=row["note"],
        severity=row["severity"],
    )
