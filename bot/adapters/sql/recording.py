"""A run's hits merged into the findings of the store, and written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.audit import append
from bot.adapters.sql.engine import insert
from bot.adapters.sql.mapping import finding_from, finding_values, hit_from, hit_values, select_findings
from bot.adapters.sql.messages import batches
from bot.adapters.sql.tables import findings, hits, run_findings
from bot.domain.announcing import News
from bot.domain.finding import UNSAVED, Finding, FindingId
from bot.domain.hit import Fingerprint, Hit, HitId
from bot.domain.hunt import Slug
from bot.domain.memory import FORGETFUL, Memory
from bot.domain.merging import Merged, by_finding, found, is_backlog, seen_again
from bot.domain.run import Run
from bot.domain.triage import EventId, Move


async def merge(
    connection: AsyncConnection,
    hunt: Slug,
    seen: Sequence[Hit],
    at: datetime,
    since: datetime | None,
    memory: Memory = FORGETFUL,
) -> Sequence[Merged]:
    """What the hits make of the findings, most severe first, then the latest; nothing is written yet."""
    groups = by_finding(seen)
    known = {
        finding.fingerprint: finding
        for fingerprints in batches(groups)
        for finding in await _rows(connection, select_findings(), findings.c.fingerprint.in_(fingerprints))
    }
    before = await _hits_of(connection, known.values())
    merges = [
        seen_again(known[fingerprint], before[known[fingerprint].id], group, at, memory)
        if fingerprint in known
        else found(hunt, group, at, from_backlog=is_backlog(group, since), memory=memory)
        for fingerprint, group in groups.items()
    ]
    return sorted(merges, key=lambda m: (m.finding.severity.rank, m.finding.last_seen), reverse=True)


async def save(connection: AsyncConnection, run: Run, merges: Sequence[Merged]) -> Sequence[News]:
    """Write findings, hits, events and what the run returned; the news in order, with the ids that new ones got."""
    ids = await _insert(connection, [merged.finding for merged in merges if merged.finding.id == UNSAVED])
    saved = [
        replace(merged, finding=replace(merged.finding, id=ids[merged.finding.fingerprint]))
        if merged.finding.id == UNSAVED
        else merged
        for merged in merges
    ]
    await _update_findings(connection, [m.finding for m in merges if m.is_changed and m.finding.id != UNSAVED])
    await _upsert_hits(connection, saved)
    written = await append(connection, [(m.finding.id, event) for m in saved for event in m.events])
    event_ids = iter(written)
    news = [_news(merged, [next(event_ids) for _ in merged.events]) for merged in saved]
    await _link(connection, run, news)
    return news


async def _rows(connection: AsyncConnection, query: Select[Any], which: ColumnElement[bool]) -> Sequence[Finding]:
    return [finding_from(row) for row in (await connection.execute(query.where(which))).mappings()]


async def _hits_of(
    connection: AsyncConnection, known: Collection[Finding]
) -> Mapping[FindingId, Mapping[HitId, Hit]]:
    fingerprints = {finding.id: finding.fingerprint for finding in known}
    of: dict[FindingId, dict[HitId, Hit]] = {finding_id: {} for finding_id in fingerprints}
    for ids in batches(fingerprints):
        for row in (await connection.execute(select(hits).where(hits.c.finding_id.in_(ids)))).mappings():
            finding_id = row["finding_id"]
            hit = hit_from(row, fingerprints[finding_id])
            of[finding_id][hit.id] = hit
    return of


def _news(merged: Merged, event_ids: Sequence[EventId]) -> News:
    told = [
        event_id for event_id, event in zip(event_ids, merged.events, strict=True) if event.move is not Move.RECORDED
    ]
    return News(merged.finding, merged.novelty, tuple(told), merged.is_changed)


async def _update_findings(connection: AsyncConnection, changed: Sequence[Finding]) -> None:
    if changed:
        rows = [{**finding_values(finding), "this": finding.id} for finding in changed]
        await connection.execute(update(findings).where(findings.c.id == bindparam("this")), rows)


async def _upsert_hits(connection: AsyncConnection, merges: Sequence[Merged]) -> None:
    rows = [{**hit_values(hit), "finding_id": merged.finding.id} for merged in merges for hit in merged.hits]
    if rows:
        statement = insert(connection, hits)
        refreshed = {name: statement.excluded[name] for name in ("at", "severity", "columns")}
        key = ["finding_id", "hit_id"]
        await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=refreshed), rows)


async def _insert(connection: AsyncConnection, new: Sequence[Finding]) -> Mapping[Fingerprint, FindingId]:
    """Write new findings; which ids they got. Asking for each id with its row was measured to take thrice as long."""
    if not new:
        return {}
    await connection.execute(insert(connection, findings), [finding_values(finding) for finding in new])
    ids: dict[Fingerprint, FindingId] = {}
    for some in batches([finding.fingerprint for finding in new]):
        query = select(findings.c.fingerprint, findings.c.id).where(findings.c.fingerprint.in_(some))
        ids.update((row.fingerprint, FindingId(row.id)) for row in await connection.execute(query))
    return ids


async def _link(connection: AsyncConnection, run: Run, news: Sequence[News]) -> None:
    rows = [{"run_id": run.id, "finding_id": item.finding.id, "novelty": item.novelty} for item in news]
    if rows:
        await connection.execute(insert(connection, run_findings), rows)
