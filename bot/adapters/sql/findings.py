"""The findings in the store: hits of a run merged in, presses compared and set."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.adapters.sql.audit import append
from bot.adapters.sql.engine import Database, insert
from bot.adapters.sql.mapping import (
    event_from,
    finding_from,
    finding_values,
    hit_from,
    hit_values,
    intent_from,
    select_findings,
)
from bot.adapters.sql.outbox import announce
from bot.adapters.sql.runs import WORST_FIRST, finish_run, load_outcome, load_run, searched_from
from bot.adapters.sql.tables import events, findings, hits, intents, run_findings
from bot.adapters.sql.together import Together
from bot.domain.announcing import News, announce_press, announce_run
from bot.domain.escalation import OnCall
from bot.domain.finding import UNSAVED, Finding, FindingId, press, ref
from bot.domain.hit import Hit, HitId
from bot.domain.hunt import Slug
from bot.domain.intent import Intent, Kind, Progress
from bot.domain.merging import Merged, by_finding, found, is_backlog, seen_again
from bot.domain.message import Standing
from bot.domain.responder import ChannelId
from bot.domain.run import Novelty, Receipt, Run, RunOutcome
from bot.domain.triage import AuditEvent, EventId, Move, Press, State
from bot.errors import StoreBusy, StoreError, UnknownFinding

T = TypeVar("T")

PRESS_WITHIN_S = 1.5  # Slack waits 3 s for the acknowledgement that follows
_AT_ONCE = 500  # values in one IN list: SQLite takes 32,766 of them, PostgreSQL 65,535


class SqlFindings:
    """Findings of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._presses = Together(database, _press, PRESS_WITHIN_S)

    async def record(
        self, run: Run, hits: Sequence[Hit], receipt: Receipt, at: datetime, home: ChannelId | None = None
    ) -> RunOutcome:
        async with self._db.write() as connection:
            stored = await load_run(connection, run.id)
            if stored.is_over:
                return await load_outcome(connection, run.id)
            since = await searched_from(connection, stored.request.hunt)
            merges = await _merge(connection, stored.request.hunt, hits, at, since)
            cards = await _cards(connection, [merged.finding.id for merged in merges])
            news = await _save(connection, merges)
            await _link(connection, stored, news)
            unseen = sum(merged.unseen for merged in merges)
            backlog = sum(merged.unseen for merged in merges if merged.novelty is Novelty.BACKLOG)
            counted = receipt.counting(unseen, backlog, is_baseline=since is None)
            done = await finish_run(connection, run.id, counted, at)
            await announce(connection, announce_run(done, news, cards, home))
            return RunOutcome(done, tuple((item.finding, item.novelty) for item in news))

    async def preview(self, hunt: Slug, hits: Sequence[Hit], at: datetime) -> Sequence[tuple[Finding, Novelty]]:
        async with self._db.read() as connection:
            merges = await _merge(connection, hunt, hits, at, await searched_from(connection, hunt))
        return [(merged.finding, merged.novelty) for merged in merges]

    async def press(self, finding: FindingId, asked: Press, on_call: OnCall) -> tuple[Finding, AuditEvent]:
        return await self._presses.do(_Pressed(finding, asked, on_call))

    async def get(self, finding: FindingId) -> Finding:
        async with self._db.read() as connection:
            return await _load(connection, finding)

    async def history(self, finding: FindingId) -> Sequence[AuditEvent]:
        async with self._db.read() as connection:
            await _load(connection, finding)
            rows = await connection.execute(
                select(events).where(events.c.finding_id == finding).order_by(events.c.id)
            )
            return [event_from(row) for row in rows.mappings()]

    async def event(self, event_id: EventId) -> AuditEvent:
        async with self._db.read() as connection:
            row = (await connection.execute(select(events).where(events.c.id == event_id))).mappings().first()
        if row is None:
            raise StoreError(f"There is no event {event_id}.")
        return event_from(row)

    async def hits(self, finding: FindingId) -> Sequence[Hit]:
        async with self._db.read() as connection:
            known = await _load(connection, finding)
            latest = select(hits).where(hits.c.finding_id == finding).order_by(hits.c.at.desc(), hits.c.hit_id)
            return [hit_from(row, known.fingerprint) for row in (await connection.execute(latest)).mappings()]

    async def unresolved(self, hunt: Slug | None = None) -> Sequence[Finding]:
        query = select_findings().where(findings.c.state != State.RESOLVED).order_by(*WORST_FIRST)
        async with self._db.read() as connection:
            rows = await connection.execute(query if hunt is None else query.where(findings.c.hunt == hunt))
            return [finding_from(row) for row in rows.mappings()]

    async def standings(self, findings: Collection[FindingId]) -> Mapping[FindingId, Standing]:
        async with self._db.read() as connection:
            cards = await _cards(connection, findings)
            threads = await _threads(connection, [card for of_one in cards.values() for card in of_one])
        return {
            finding: Standing(card.channel, card.ts, threads.get(card.thread_of))
            for finding, of_one in cards.items()
            for card in of_one
            if card.ts is not None and card.progress is Progress.ALIVE
        }


@dataclass(frozen=True, slots=True)
class _Pressed:
    finding: FindingId
    asked: Press
    on_call: OnCall


async def _press(connection: AsyncConnection, pressed: _Pressed) -> tuple[Finding, AuditEvent]:
    before = await _load(connection, pressed.finding, to_change=True)
    after, event = press(before, pressed.asked)
    if event.accepted:
        await _compare_and_set(connection, before, after)
    [event_id] = await append(connection, [(before.id, event)])
    if event.accepted:
        cards = (await _cards(connection, [before.id])).get(before.id, ())
        await announce(connection, announce_press(after, event, event_id, cards, pressed.on_call))
    return after, event


async def _load(connection: AsyncConnection, finding: FindingId, *, to_change: bool = False) -> Finding:
    query = select_findings().where(findings.c.id == finding)
    row = (await connection.execute(query.with_for_update() if to_change else query)).mappings().first()
    if row is None:
        raise UnknownFinding(ref(finding))
    return finding_from(row)


async def _compare_and_set(connection: AsyncConnection, before: Finding, after: Finding) -> None:
    unchanged = (findings.c.id == before.id, findings.c.version == before.version)
    result = await connection.execute(update(findings).where(*unchanged).values(finding_values(after)))
    if result.rowcount != 1:
        raise StoreBusy(f"{before.ref} changed at the same moment. Nothing was stored: please try again.")


async def _merge(
    connection: AsyncConnection, hunt: Slug, seen: Sequence[Hit], at: datetime, since: datetime | None
) -> Sequence[Merged]:
    """What the hits make of the findings, most severe first, then the latest; nothing is written yet."""
    groups = by_finding(seen)
    known = {
        finding.fingerprint: finding
        for fingerprints in _batches(groups)
        for finding in await _rows(connection, select_findings(), findings.c.fingerprint.in_(fingerprints))
    }
    before = await _hits_of(connection, known.values())
    merges = [
        seen_again(known[fingerprint], before[known[fingerprint].id], group, at)
        if fingerprint in known
        else found(hunt, group, at, from_backlog=is_backlog(group, since))
        for fingerprint, group in groups.items()
    ]
    return sorted(merges, key=lambda m: (m.finding.severity.rank, m.finding.last_seen), reverse=True)


async def _rows(connection: AsyncConnection, query: Select[Any], which: ColumnElement[bool]) -> Sequence[Finding]:
    return [finding_from(row) for row in (await connection.execute(query.where(which))).mappings()]


async def _hits_of(
    connection: AsyncConnection, known: Collection[Finding]
) -> Mapping[FindingId, Mapping[HitId, Hit]]:
    fingerprints = {finding.id: finding.fingerprint for finding in known}
    of: dict[FindingId, dict[HitId, Hit]] = {finding_id: {} for finding_id in fingerprints}
    for ids in _batches(fingerprints):
        for row in (await connection.execute(select(hits).where(hits.c.finding_id.in_(ids)))).mappings():
            finding_id = row["finding_id"]
            hit = hit_from(row, fingerprints[finding_id])
            of[finding_id][hit.id] = hit
    return of


async def _save(connection: AsyncConnection, merges: Sequence[Merged]) -> Sequence[News]:
    """Write findings, hits and events; the news in the same order, with the ids that new findings got."""
    new = [merged for merged in merges if merged.finding.id == UNSAVED]
    ids = iter(await _insert(connection, findings, [finding_values(merged.finding) for merged in new]))
    saved = [
        replace(merged, finding=replace(merged.finding, id=FindingId(next(ids))))
        if merged.finding.id == UNSAVED
        else merged
        for merged in merges
    ]
    await _update_findings(connection, [m.finding for m in merges if m.is_changed and m.finding.id != UNSAVED])
    await _upsert_hits(connection, saved)
    written = await append(connection, [(m.finding.id, event) for m in saved for event in m.events])
    event_ids = iter(written)
    return [_news(merged, [next(event_ids) for _ in merged.events]) for merged in saved]


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


async def _insert(connection: AsyncConnection, table: Any, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Insert rows; their ids in the same order."""
    if not rows:
        return ()
    statement = insert(connection, table).returning(table.c.id, sort_by_parameter_order=True)
    ids: Sequence[int] = (await connection.execute(statement, list(rows))).scalars().all()
    return ids


async def _link(connection: AsyncConnection, run: Run, news: Sequence[News]) -> None:
    rows = [{"run_id": run.id, "finding_id": item.finding.id, "novelty": item.novelty} for item in news]
    if rows:
        await connection.execute(insert(connection, run_findings), rows)


async def _cards(connection: AsyncConnection, ids: Collection[FindingId]) -> Mapping[FindingId, Sequence[Intent]]:
    """The FINDING intents of each finding, oldest first."""
    cards: dict[FindingId, list[Intent]] = {}
    for some in _batches([finding_id for finding_id in ids if finding_id != UNSAVED]):
        query = select(intents).where(intents.c.kind == Kind.FINDING, intents.c.finding_id.in_(some))
        for row in (await connection.execute(query.order_by(intents.c.id))).mappings():
            cards.setdefault(row["finding_id"], []).append(intent_from(row))
    return cards


async def _threads(connection: AsyncConnection, cards: Sequence[Intent]) -> Mapping[Any, Any]:
    """Where the parents of cards in threads stand, by key."""
    keys = {card.thread_of for card in cards if card.thread_of is not None}
    return {
        row.key: row.ts
        for some in _batches(keys)
        for row in await connection.execute(select(intents.c.key, intents.c.ts).where(intents.c.key.in_(some)))
    }


def _batches(values: Collection[T]) -> Iterator[Sequence[T]]:
    everything = list(values)
    return (everything[at : at + _AT_ONCE] for at in range(0, len(everything), _AT_ONCE))
