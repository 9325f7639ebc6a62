"""What runs made of findings in a stretch of time, read at a cost that has a bound."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.mapping import finding_from, select_findings
from bot.adapters.sql.messages import batches
from bot.adapters.sql.tables import findings, run_findings, runs
from bot.domain.digest import Changed
from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import MOST_ROWS, Slug
from bot.domain.paging import LISTED
from bot.domain.queue import Queued
from bot.domain.run import Novelty
from bot.domain.triage import State

MOST_NEWS = MOST_ROWS  # no run has more


def finished_in(since: datetime | None, until: datetime) -> tuple[ColumnElement[bool], ...]:
    after = () if since is None else (runs.c.finished_at > since,)
    return (*after, runs.c.finished_at <= until)


async def load_changed(connection: AsyncConnection, hunt: Slug, since: datetime | None, until: datetime) -> Changed:
    """Light rows of all that changed; whole findings only of what is listed."""
    query = (
        select(
            findings.c.id,
            run_findings.c.novelty,
            findings.c.rank,
            findings.c.opened_at,
            findings.c.state,
            findings.c.snoozed_until,
        )
        .join_from(runs, run_findings, run_findings.c.run_id == runs.c.id)
        .join(findings, findings.c.id == run_findings.c.finding_id)
        # Written out, not bound: an index of the news alone is used only where the query says so in plain text.
        .where(runs.c.hunt == hunt, run_findings.c.novelty != literal(Novelty.KNOWN, literal_execute=True))
        .where(*finished_in(since, until))
        .order_by(runs.c.finished_at.desc(), runs.c.id.desc())
        .limit(MOST_NEWS + 1)
    )
    rows = (await connection.execute(query)).mappings().all()
    latest: dict[FindingId, RowMapping] = {}
    for row in rows[:MOST_NEWS]:
        latest.setdefault(row["id"], row)
    worst_first = sorted(latest.values(), key=lambda row: (row["rank"], row["opened_at"], row["id"]))
    of = {novelty: [row["id"] for row in worst_first if row["novelty"] is novelty] for novelty in Novelty}
    whole = await load_several(connection, [finding_id for ids in of.values() for finding_id in ids[:LISTED]])
    return Changed(
        of={
            novelty: Queued(tuple(whole[id_] for id_ in ids[:LISTED]), len(ids), is_more=len(rows) > MOST_NEWS)
            for novelty, ids in of.items()
            if ids
        },
        ids=frozenset(latest),
        untouched=sum(_is_untouched(row, until) for row in latest.values()),
    )


async def load_several(connection: AsyncConnection, ids: Collection[FindingId]) -> dict[FindingId, Finding]:
    """Those that are kept still."""
    several: dict[FindingId, Finding] = {}
    for some in batches(ids):
        rows = (await connection.execute(select_findings().where(findings.c.id.in_(some)))).mappings()
        several.update({row["id"]: finding_from(row) for row in rows})
    return several


def _is_untouched(row: RowMapping, at: datetime) -> bool:
    return row["state"] is State.OPEN and (row["snoozed_until"] is None or row["snoozed_until"] <= at)
