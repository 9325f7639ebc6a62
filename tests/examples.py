"""Hunts, hits, rows and runs that tests speak of; each name takes what matters to the test and fills in the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Fingerprint, Hit, HitId
from bot.domain.hunt import Hunt, HuntShelf, IdentityKey, Slug
from bot.domain.merging import found
from bot.domain.responder import ChannelId, UserId
from bot.domain.rows import Column, Rows, Value
from bot.domain.run import Filter, Run, RunId, RunRequest, RunState, Trigger
from bot.domain.severity import Severity
from tests.stand_ins import START

ANNA = UserId("U-ANNA")
BEN = UserId("U-BEN")
SECURITY = ChannelId("C-SECURITY")

GRANTS = Hunt(
    slug=Slug("grants"),
    uuid="7b7c2b5e-0000-4000-8000-000000000001",
    name="Grants",
    description="Who may do what",
    query="FROM logs | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend | KEEP principal, revoked_at | LIMIT 50",
    identity=(IdentityKey("principal"),),
)
SHELF = HuntShelf({GRANTS.slug: GRANTS})

_COLUMNS = (
    Column("@timestamp", "date"),
    Column("event_id", "keyword"),
    Column("principal", "keyword"),
    Column("severity", "keyword"),
    Column("outcome", "keyword"),
    Column("revoked_at", "date"),
    Column("revoked_by", "keyword"),
)


def row(
    principal: str,
    event_id: str,
    *,
    at: datetime = START - timedelta(hours=1),
    severity: str = "high",
    outcome: str = "granted",
    revoked_at: str | None = None,
) -> tuple[Value, ...]:
    """One row of an answer to GRANTS."""
    revoked_by = None if revoked_at is None else "arn:aws:iam::111122223333:user/ops"
    return (at.isoformat(), event_id, principal, severity, outcome, revoked_at, revoked_by)


def rows(*values: tuple[Value, ...], is_partial: bool = False) -> Rows:
    return Rows(_COLUMNS, values, took_ms=12, is_partial=is_partial)


def people(count: int) -> Rows:
    """An answer with so many findings."""
    return rows(*(row(f"p{n}", f"e-{n}") for n in range(count)))


def hit(
    event_id: str = "e-1",
    *,
    principal: str = "alice",
    at: datetime = START - timedelta(hours=1),
    severity: Severity = Severity.HIGH,
    outcome: str = "granted",
    revoked_at: str | None = None,
) -> Hit:
    columns: dict[str, Value] = {"principal": principal, "outcome": outcome, "revoked_at": revoked_at}
    if revoked_at is not None:
        columns["revoked_by"] = "ops"
    return Hit(HitId(event_id), Fingerprint(f"fp-{principal}"), at, severity, None, columns)


def finding(hits: Sequence[Hit] = (), *, number: int = 1, at: datetime = START) -> Finding:
    """A finding as it is when it was just recorded."""
    made = found(GRANTS.slug, hits or [hit()], at, from_backlog=False).finding
    return replace(made, id=FindingId(number))


def asked(
    trigger: Trigger = Trigger.COMMAND,
    *,
    channel: ChannelId | None = SECURITY,
    by: UserId | None = ANNA,
    is_private: bool = False,
    filter: Filter = Filter(),  # noqa: A002 - the domain's word for it
    at: datetime = START,
    dedupe_key: str | None = None,
) -> RunRequest:
    return RunRequest(
        GRANTS.slug, trigger, at, channel, by, filter=filter, is_private=is_private, dedupe_key=dedupe_key
    )


def run(request: RunRequest | None = None, *, number: int = 7, at: datetime = START) -> Run:
    """A run that is done."""
    return Run(RunId(number), request or asked(), RunState.DONE, finished_at=at)
