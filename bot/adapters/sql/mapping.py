"""Rows of the tables to values of the domain, and back."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import RowMapping, Select, and_, select

from bot.adapters.sql.tables import findings, hits
from bot.domain.finding import Finding
from bot.domain.hit import Hit, shown
from bot.domain.hunt import Window
from bot.domain.intent import Intent
from bot.domain.paging import DigestPage, Heading
from bot.domain.pivot import Answered
from bot.domain.responder import Place
from bot.domain.retention import Forgotten
from bot.domain.rows import Column, Scalar, Value
from bot.domain.run import Filter, Receipt, Run, RunRequest
from bot.domain.severity import Severity
from bot.domain.source import Source, Spoke
from bot.domain.triage import AuditEvent

Values = dict[str, Any]

# Fields that are columns of the same name.
_FORGOTTEN = "forgotten_"
_FINDING = tuple(
    column.name
    for column in findings.columns
    if column.name not in {"id", "face_id", "rank", "is_waiting"} and not column.name.startswith(_FORGOTTEN)
)
_EVENT = (
    *("move", "by", "at", "before", "after", "accepted", "resolution", "note", "until", "delivery"),
    *("assignee", "severity"),
)
_REQUEST = (
    *("hunt", "trigger", "requested_at", "channel", "by", "is_private"),
    *("schedule_key", "nominal", "due_at", "dedupe_key", "missed", "pivot"),
)
_INTENT = (
    *("key", "kind", "channel", "created_at", "thread_of", "only_for"),
    *("progress", "ts", "wanted", "drawn", "attempts", "mark", "about_route", "tried_at"),
)


def select_findings() -> Select[Any]:
    """Findings with their faces; give the rows to `finding_from`."""
    face = and_(hits.c.finding_id == findings.c.id, hits.c.hit_id == findings.c.face_id)
    return select(
        findings,
        hits.c.at.label("face_at"),
        hits.c.severity.label("face_severity"),
        hits.c.columns.label("face_columns"),
    ).join_from(findings, hits, face)


def finding_from(row: RowMapping) -> Finding:
    face = _hit(row["face_id"], row["fingerprint"], row["face_at"], row["face_severity"], row["face_columns"])
    forgotten = Forgotten(**{field.name: row[f"{_FORGOTTEN}{field.name}"] for field in fields(Forgotten)})
    return Finding(id=row["id"], face=face, forgotten=forgotten, **{name: row[name] for name in _FINDING})


def finding_values(finding: Finding) -> Values:
    same = {name: getattr(finding, name) for name in _FINDING}
    own = {"face_id": finding.face.id, "rank": -finding.severity.rank, "is_waiting": finding.is_open}
    return {**same, **own, **forgotten_values(finding.forgotten)}


def forgotten_values(forgotten: Forgotten) -> Values:
    return {f"{_FORGOTTEN}{name}": value for name, value in asdict(forgotten).items()}


def hit_from(row: RowMapping, fingerprint: str) -> Hit:
    return _hit(row["hit_id"], fingerprint, row["at"], row["severity"], row["columns"])


def hit_values(hit: Hit) -> Values:
    return {"hit_id": hit.id, "at": hit.at, "severity": hit.severity, "columns": dict(hit.columns)}


def event_from(row: RowMapping) -> AuditEvent:
    return AuditEvent(**{name: row[name] for name in _EVENT}, place=Place(row["channel"], row["message"]))


def event_values(event: AuditEvent) -> Values:
    return {
        **{name: getattr(event, name) for name in _EVENT},
        "channel": event.place.channel,
        "message": event.place.message,
    }


def run_from(row: RowMapping) -> Run:
    return Run(
        id=row["id"],
        request=RunRequest(
            **{name: row[name] for name in _REQUEST},
            window=_window(row["asked_start"], row["asked_end"]),
            filter=_filter(row["filter"]),
            finding=row["finding_id"],
        ),
        state=row["state"],
        window=_window(row["window_start"], row["window_end"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        receipt=_receipt(row["receipt"]),
        error=row["error"],
        fence=row["fence"],
        answer=_answer(row["answer"]),
    )


def receipt_values(receipt: Receipt) -> Values:
    return {**asdict(receipt), "sources": [_source_values(source) for source in receipt.sources]}


def request_values(asked: RunRequest) -> Values:
    severity = asked.filter.severity
    return {
        **{name: getattr(asked, name) for name in _REQUEST},
        "asked_start": asked.window.start if asked.window else None,
        "asked_end": asked.window.end if asked.window else None,
        "filter": {**asdict(asked.filter), "severity": severity.value if severity else None},
        "is_filtered": not asked.filter.is_empty or asked.finding is not None,
        "finding_id": asked.finding,
        "fence": 0,
    }


def intent_from(row: RowMapping) -> Intent:
    return Intent(
        **{name: row[name] for name in _INTENT},
        finding=row["finding_id"],
        run=row["run_id"],
        event=row["event_id"],
        bulk=row["bulk_id"],
        page=_digest_page(row["page"]),
    )


def intent_values(intent: Intent) -> Values:
    return {
        **{name: getattr(intent, name) for name in _INTENT},
        "mark": intent.mark or secrets.token_hex(12),
        "finding_id": intent.finding,
        "run_id": intent.run,
        "event_id": intent.event,
        "bulk_id": intent.bulk,
        "page": _digest_page_values(intent.page),
        "may_stand": False,
        "fence": 0,
    }


def _hit(hit_id: Any, fingerprint: Any, at: Any, severity: Severity, columns: Mapping[str, Any]) -> Hit:
    values = {name: _value(value) for name, value in columns.items()}
    return Hit(hit_id, fingerprint, at, severity, shown(values.get("reason")), values)


def _value(stored: Any) -> Value:
    """JSON has no tuples: a multi-value went in as a list."""
    return tuple(cast("list[Scalar]", stored)) if isinstance(stored, list) else stored


def _answer(stored: Mapping[str, Any] | None) -> Answered | None:
    if stored is None:
        return None
    columns = tuple(Column(**column) for column in stored["columns"])
    rows = tuple(tuple(_value(value) for value in row) for row in stored["rows"])
    return Answered(columns, rows, stored["total"], stored["is_more"])


def _window(start: Any, end: Any) -> Window | None:
    return None if start is None else Window(start, end)


def _filter(stored: Mapping[str, Any]) -> Filter:
    severity = stored["severity"]
    return Filter(stored["account"], stored["principal"], Severity(severity) if severity else None)


def _receipt(stored: Mapping[str, Any] | None) -> Receipt | None:
    """One that was stored before sources were asked has none."""
    if stored is None:
        return None
    return Receipt(**{**stored, "sources": tuple(_source(each) for each in stored.get("sources", ()))})


def _source_values(source: Source) -> Values:
    places = [[spoke.account, spoke.region, spoke.events, spoke.latest.isoformat()] for spoke in source.places]
    return {
        "index": source.index,
        "dataset": source.dataset,
        "events": source.events,
        "latest": source.latest.isoformat() if source.latest else None,
        "places": places,
    }


def _source(stored: Mapping[str, Any]) -> Source:
    latest = stored["latest"]
    places = (
        Spoke(account, region, events, datetime.fromisoformat(at)) for account, region, events, at in stored["places"]
    )
    return Source(
        stored["index"],
        stored["dataset"],
        stored["events"],
        datetime.fromisoformat(latest) if latest else None,
        tuple(places),
    )


def _digest_page(stored: Mapping[str, Any] | None) -> DigestPage | None:
    if stored is None:
        return None
    return DigestPage(**{**stored, "heading": Heading(stored["heading"]), "findings": tuple(stored["findings"])})


def _digest_page_values(page: DigestPage | None) -> Values | None:
    return None if page is None else {**asdict(page), "heading": page.heading.value}
