"""Findings, runs and digests to draw, and a reader of what was drawn."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.digest import Aside, Digest
from bot.domain.escalation import TargetName, route_of
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Fingerprint, Hit, HitId
from bot.domain.hunt import Hunt, IdentityKey, Slug, Window
from bot.domain.intent import RouteStatus
from bot.domain.kibana import KibanaLink, Opens
from bot.domain.memory import Offer, SeenBefore, Verdict
from bot.domain.message import (
    DigestPost,
    EscalationCall,
    EscalationFailed,
    FindingCard,
    HistoryNote,
    Link,
    Message,
    PivotReply,
    RouteNotice,
    RunAnswer,
    RunProgress,
)
from bot.domain.pivot import Answered
from bot.domain.queue import whole
from bot.domain.responder import ChannelId, UserId
from bot.domain.rows import Column, Value
from bot.domain.run import Novelty, Receipt, Run, RunId, RunOutcome, RunRequest, RunState, Trigger
from bot.domain.schedule import Schedule
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, EventId, Move, Resolution, State

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ALICE = UserId("U0ALICE000")
BOB = UserId("U0BOB00000")
HUNTS = ChannelId("C0HUNTS000")

GRANTS = Hunt(
    slug=Slug("grants"),
    uuid="0b9f",
    name="Grants on functions",
    description="Who may do what.",
    query="FROM logs",
    identity=tuple(map(IdentityKey.read, ("account", "function", "principal", "lower(action)"))),
    summary="{principal} may {action} on {function}",
    fields=("actor", "source_ip", "account", "region", "statement_id"),
    schedule=Schedule("0 9 * * *", "Europe/Berlin"),
)
LIBRARY = Hunt(slug=Slug("roles"), uuid="77aa", name="Roles assumed twice", description="", query="FROM logs")

COLUMNS: Mapping[str, Value] = {
    "@timestamp": "2026-03-04T11:58:00.000Z",
    "event_id": "e-1",
    "severity": "critical",
    "reason": "anyone on the internet may call it",
    "principal": "*",
    "action": "lambda:InvokeFunction",
    "function": "pay",
    "qualifier": None,
    "account": "111122223333",
    "region": "eu-west-1",
    "statement_id": "s1",
    "source_arn": None,
    "source_account": None,
    "principal_org_id": None,
    "function_url_auth_type": None,
    "invoked_via_function_url": None,
    "event_source_token": None,
    "actor": "arn:aws:iam::111122223333:role/deploy",
    "actor_type": "AssumedRole",
    "source_ip": "198.51.100.7",
    "user_agent": "aws-cli/2.15",
    "outcome": "granted",
    "revoked_at": None,
    "revoked_by": None,
}


def hit(columns: Mapping[str, Value] | None = None, at: datetime = NOON - timedelta(minutes=2)) -> Hit:
    row = {**COLUMNS, **(columns or {})}
    reason = row.get("reason")
    return Hit(
        id=HitId(str(row.get("event_id"))),
        fingerprint=Fingerprint("fp"),
        at=at,
        severity=Severity.read(row.get("severity")),
        reason=None if reason is None else str(reason),
        columns=row,
    )


def finding(number: int = 42, face: Hit | None = None) -> Finding:
    """An open finding; `dataclasses.replace` makes the others of it."""
    shown = face or hit()
    return Finding(
        id=FindingId(number),
        fingerprint=Fingerprint(f"fp{number}"),
        hunt=GRANTS.slug,
        face=shown,
        first_seen=shown.at,
        last_seen=shown.at,
        count=1,
        is_revoked=shown.is_revoked,
        opened_at=NOON - timedelta(hours=1),
        from_backlog=False,
    )


def event(move: Move = Move.ACKNOWLEDGE, by: UserId = ALICE, note: str = "") -> AuditEvent:
    return AuditEvent(move, by, NOON, State.OPEN, State.ACKNOWLEDGED, note=note)


def run(receipt: Receipt | None = None, error: str | None = None) -> Run:
    request = RunRequest(GRANTS.slug, Trigger.COMMAND, NOON, HUNTS, ALICE)
    state = RunState.FAILED if error else RunState.DONE if receipt else RunState.REQUESTED
    window = Window.back_from(NOON, timedelta(days=7)) if state is not RunState.REQUESTED else None
    return Run(RunId(7), request, state, window, NOON, NOON, receipt, error)


IN_KIBANA = KibanaLink("https://kibana.example.com/app/discover#/?" + "x" * 2_900, Opens.EVENT)


def said(resolution: Resolution = Resolution.BENIGN, note: str = "our own deploy", **changes: Any) -> SeenBefore:
    """An earlier verdict on F-12, as it may be said again."""
    verdict = Verdict(EventId(981), FindingId(12), BOB, NOON - timedelta(days=1), resolution, note, Severity.CRITICAL)
    usual = SeenBefore(
        verdict, Offer.SAME_AGAIN, ("principal", "function"), url="https://acme.slack.com/archives/C1/p9"
    )
    return replace(usual, **changes)


def checked(receipt: Receipt | None = None, error: str | None = None) -> Run:
    """A run that asked whether a finding is still true."""
    request = RunRequest(GRANTS.slug, Trigger.CHECK, NOON, None, ALICE, finding=FindingId(42))
    state = RunState.FAILED if error else RunState.DONE
    window = Window.back_from(NOON, timedelta(hours=1))
    return Run(RunId(8), request, state, window, NOON, NOON, None if error else receipt or Receipt(1, 0, 1), error)


def pivot_reply(
    shown: Finding, rows: int | None = None, error: str | None = None, words: str = "", nothing: str = ""
) -> PivotReply:
    """Under way where `rows` is None and nothing failed; `words` stand in every cell."""
    request = RunRequest(GRANTS.slug, Trigger.PIVOT, NOON, HUNTS, ALICE, finding=shown.id, pivot="What the actor did")
    under_way = Run(RunId(9), request, RunState.REQUESTED, Window.back_from(NOON, timedelta(hours=1)), NOON)
    if error:
        return PivotReply(replace(under_way, state=RunState.FAILED, error=error, finished_at=NOON), shown)
    if rows is None:
        return PivotReply(under_way, shown)
    columns = (
        Column("@timestamp", "date"),
        Column(words or "call", "keyword"),
        Column("source_ip", "keyword"),
        Column("error", "keyword"),
    )
    values = tuple(
        ("2026-03-04T11:58:00.000Z", words or f"Call{n}", None if n else "192.0.2.1", None)
        for n in range(min(rows, 25))
    )
    answered = Answered(columns, values, rows)
    return PivotReply(replace(under_way, state=RunState.DONE, answer=answered, finished_at=NOON), shown, nothing)


def answer(
    receipt: Receipt | None = None,
    findings: tuple[tuple[Finding, Novelty], ...] = (),
    error: str | None = None,
    links: tuple[Link, ...] = (),
    *,
    in_thread: bool = False,
) -> RunAnswer:
    return RunAnswer(RunOutcome(run(receipt, error), findings), GRANTS, links, in_thread)


def digest(**changes: Any) -> Digest:
    """A quiet one with changes to it, or to what it tells aside."""
    quiet = Digest(GRANTS.slug, run(Receipt(0, 0, 0)), NOON - timedelta(days=1), NOON)
    aside = {field.name: changes.pop(field.name) for field in fields(Aside) if field.name in changes}
    return replace(quiet, aside=Aside(**aside), **changes)


def every_message(shown: Finding, hunt: Hunt = GRANTS, words: str = "") -> Iterator[Message]:
    """Each kind of message once, full of this finding; `words` stand wherever a person or a log may write."""
    many = tuple(replace(shown, id=FindingId(number)) for number in range(1, 41))
    novelties = [novelty for novelty in Novelty for _ in range(8)]
    failed = run(error=words or "Elasticsearch is down")
    outcome = RunOutcome(
        run(Receipt(40, 32, 8, is_partial=True, is_truncated=True)), tuple(zip(many, novelties, strict=True))
    )
    link = Link("F-1", "https://acme.slack.com/archives/C1/p1")
    yield FindingCard(shown, hunt, Novelty.NEW, earlier=link)
    yield FindingCard(shown, hunt, is_retired=True, later=link)
    yield FindingCard(shown, hunt, seen_before=said(note=words), check=checked(error=words or None), kibana=IN_KIBANA)
    yield from (pivot_reply(shown, rows=rows, words=words) for rows in (None, 0, 3, 137))
    yield pivot_reply(shown, error=words or "Elasticsearch is down", words=words)
    yield HistoryNote(shown, event(note=words))
    yield RunProgress(run())
    yield RunAnswer(outcome, hunt, (link,), in_thread=True)
    yield RunAnswer(RunOutcome(failed, ()), hunt, (), in_thread=False)
    call = EscalationCall(shown, hunt, event(Move.ESCALATE, note=words), link, on_call="S0ONCALL00")
    yield call
    yield EscalationFailed(call, words or "is_archived")
    yield EscalationFailed(call, words or "http_403", TargetName("pagerduty"))
    yield RouteNotice(HUNTS, NOON, RouteStatus(HUNTS, words or "is_archived", NOON, NOON, 12))
    yield RouteNotice(route_of(TargetName("pagerduty")), NOON)
    everything = dict.fromkeys(("backlog", "new", "recurred", "worsened", "untouched"), whole(many))
    yield DigestPost(digest(**everything, failed=(failed,) * 12), hunt, (link,))


def read(node: object) -> str:
    """What a person reads: every text in order, dates by their fallback, mentions as Slack writes them."""
    match node:
        case dict() if node.get("type") in _ELEMENTS:
            return _ELEMENTS[node["type"]].format(**node)
        case {"type": "rich_text_section", "elements": list(elements)}:
            return f"{''.join(map(read, elements))}\n"
        case {"text": str() | dict() as text}:
            return text if isinstance(text, str) else f"{read(text)}\n"
        case dict() | list() | tuple():
            children = node.values() if isinstance(node, dict) else node
            return "".join(read(child) for child in children if not isinstance(child, str))
        case _:
            return ""


_ELEMENTS = {
    "channel": "<#{channel_id}>",
    "user": "<@{user_id}>",
    "usergroup": "<!subteam^{usergroup_id}>",
    "date": "{fallback}",
}
