"""Two years of work in a store: what happened is told by the domain's own rules, and written in bulk.

Every run of a hunt finds twenty findings and returns twenty that are known; a card of each hangs in the thread of the
run's answer. What is old is resolved, of what was found lately a third still waits; of the last run, a day after the
one before it, all is news.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Table

from bench.bulk import Rows
from bot.adapters.sql.mapping import (
    event_values,
    finding_values,
    hit_values,
    intent_values,
    request_values,
)
from bot.adapters.sql.tables import events, findings, hits, intents, run_findings, runs
from bot.domain.announcing import News, announce_press, announce_run, answer
from bot.domain.audit import Tip, chained
from bot.domain.escalation import OnCall
from bot.domain.finding import Finding, FindingId, press
from bot.domain.hit import Fingerprint, Hit, HitId
from bot.domain.hunt import Slug, Window
from bot.domain.intent import Intent
from bot.domain.merging import found
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.run import Novelty, Receipt, Run, RunId, RunRequest, RunState, Trigger
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, EventId, Move, Press, Resolution

T = TypeVar("T")

NOW = datetime(2026, 3, 8, 9, tzinfo=UTC)
DAY, YEARS = timedelta(days=1), timedelta(days=730)
HUNTS = (Slug("lambda-perms"), Slug("console-logins"), Slug("iam-keys"))
ON_CALL = OnCall(ChannelId("C0ONCALL"))
PEOPLE = tuple(UserId(f"U0PERSON{number}") for number in range(3))

LATELY = 5_000  # findings that may wait still: people keep up with what comes in
FOUND = 20  # new findings of a run, and known ones
NEWS = 100  # findings of the last run
_FAILS_EVERY = 10  # runs of which one fails
_ROWS_AT_ONCE = 20_000

_SEVERITIES = {
    Severity.CRITICAL: 5,
    Severity.HIGH: 15,
    Severity.MEDIUM: 40,
    Severity.LOW: 30,
    Severity.INFO: 10,
}
_Fate = tuple[Move, ...]

_LONG_AGO: Mapping[_Fate, int] = {(Move.ACKNOWLEDGE, Move.RESOLVE): 6, (Move.RESOLVE,): 1}
_LATELY: Mapping[_Fate, int] = {  # of a hundred findings
    (Move.ACKNOWLEDGE, Move.RESOLVE): 60,
    (Move.RESOLVE,): 10,
    (): 15,
    (Move.ACKNOWLEDGE,): 9,
    (Move.ESCALATE,): 2,
    (Move.ESCALATE, Move.ACKNOWLEDGE): 2,
    (Move.SNOOZE,): 2,
}
_UNTOUCHED: Mapping[_Fate, int] = {(): 1}


@dataclass
class _Told:
    """What is to be written, and the ids that were given so far."""

    dice: random.Random = field(default_factory=lambda: random.Random(4))  # noqa: S311 - the same story each time
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    tip: Tip = field(default_factory=Tip)
    findings: int = 0
    runs: int = 0
    known: dict[Slug, Sequence[FindingId]] = field(default_factory=dict)

    def taken(self) -> Rows:
        rows, self.rows = self.rows, defaultdict(list)
        return rows

    @property
    def size(self) -> int:
        return sum(map(len, self.rows.values()))


def tell(size: int, lately: int = LATELY) -> Iterator[Rows]:
    """The rows of a store of `size` findings (at least 2 x NEWS), in portions, each complete in itself.

    Of the last `lately` of them some still wait, all others are resolved.
    """
    told = _Told()
    past = max(1, (size - NEWS) // FOUND)
    for number in range(past):
        at = NOW - DAY - YEARS * (past - 1 - number) / past
        fates = _LATELY if told.findings >= size - lately else _LONG_AGO
        _tell_run(told, HUNTS[(past - 1 - number) % len(HUNTS)], at, FOUND, fates)
        if number % _FAILS_EVERY == 0:
            _tell_failure(told, HUNTS[number % len(HUNTS)], at)
        if told.size > _ROWS_AT_ONCE:
            yield told.taken()
    _tell_run(told, HUNTS[0], NOW, size - told.findings, _UNTOUCHED)
    yield told.taken()


def hit_of(number: int, at: datetime, severity: Severity, nth: int = 0) -> Hit:
    """The nth hit of a finding: a row as a hunt over CloudTrail returns it."""
    principal, function = f"arn:aws:iam::{number % 97:012}:role/deploy-{number}", f"payments-{number % 1_009}"
    columns = {
        "event_id": f"{number:08x}-{nth}",
        "account": f"{number % 97:012}",
        "principal": principal,
        "region": "eu-central-1",
        "function": function,
        "action": "lambda:InvokeFunction",
        "statement_id": f"s{number}",
        "reason": f"{principal} may invoke {function}",
        "severity": severity.value,
        "source_ip": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    }
    return Hit(HitId(columns["event_id"]), Fingerprint(f"{number:032x}"), at, severity, columns["reason"], columns)


def _tell_run(told: _Told, hunt: Slug, at: datetime, fresh: int, fates: Mapping[_Fate, int]) -> None:
    made = [_tell_found(told, hunt, at) for _ in range(fresh)]
    known = told.known.get(hunt, ())
    told.known[hunt] = [finding.id for finding in made[:FOUND]]
    told.runs += 1
    run = _done(RunId(told.runs), hunt, at, len(made), len(known))
    told.rows[runs].append(_run_values(run))
    told.rows[run_findings] += [
        {"run_id": run.id, "finding_id": finding, "novelty": novelty}
        for novelty, ids in ((Novelty.NEW, [f.id for f in made]), (Novelty.KNOWN, known))
        for finding in ids
    ]
    cards = _cards(run, made)
    for finding in made:
        _tell_fate(told, finding, cards[finding.id], _thrown(told, fates))
    own = answer(run)
    told.rows[intents] += [_settled(replace(own, wanted=2))] if own else []


def _done(run: RunId, hunt: Slug, at: datetime, new: int, known: int) -> Run:
    due = at - timedelta(seconds=5)
    channel, key = _channel_of(hunt), f"{hunt} by the clock"
    return Run(
        run,
        RunRequest(hunt, Trigger.SCHEDULE, due, channel, schedule_key=key, nominal=due.isoformat(), due_at=due),
        RunState.DONE,
        Window(at - DAY, at),
        started_at=due,
        finished_at=at,
        receipt=Receipt(new + known, new, known),
    )


def _tell_failure(told: _Told, hunt: Slug, at: datetime) -> None:
    told.runs += 1
    asked = RunRequest(hunt, Trigger.COMMAND, at, _channel_of(hunt), PEOPLE[0])
    failed = Run(RunId(told.runs), asked, RunState.FAILED, finished_at=at, error="Elasticsearch could not be asked")
    told.rows[runs].append(_run_values(failed))


def _tell_found(told: _Told, hunt: Slug, at: datetime) -> Finding:
    """A finding of one hit or two, with the event that it was recorded."""
    number, severity = told.findings, _thrown(told, _SEVERITIES)
    seen = [hit_of(number, at - timedelta(hours=nth + 1), severity, nth) for nth in range(1 + number % 3 // 2)]
    told.findings += 1
    merged = found(hunt, seen, at, from_backlog=False)
    finding = replace(merged.finding, id=FindingId(told.findings))
    told.rows[hits] += [{"finding_id": finding.id, **hit_values(hit)} for hit in seen]
    for event in merged.events:
        _tell_event(told, finding.id, event)
    return finding


def _tell_fate(told: _Told, finding: Finding, card: Intent, fate: _Fate) -> None:
    """What people did with it, and the messages that this made."""
    messages = [card]
    for step, move in enumerate(fate, start=1):
        finding, event = press(finding, _pressed(told, move, finding.opened_at + step * timedelta(minutes=20), card))
        event_id = _tell_event(told, finding.id, event)
        owed = announce_press(finding, event, event_id, messages, ON_CALL)
        drawn = {message.key: message for message in (*messages, *owed.post)}
        for key in owed.redraw:
            drawn[key] = replace(drawn[key], wanted=drawn[key].wanted + 1)
        messages = list(drawn.values())
    told.rows[findings].append({"id": finding.id, **finding_values(finding)})
    told.rows[intents] += map(_settled, messages)


def _pressed(told: _Told, move: Move, at: datetime, card: Intent) -> Press:
    return Press(
        move,
        told.dice.choice(PEOPLE),
        at,
        resolution=told.dice.choice(list(Resolution)) if move is Move.RESOLVE else None,
        until=NOW + 30 * DAY if move is Move.SNOOZE else None,
        delivery=f"{move.value}:{card.key}",
    )


def _tell_event(told: _Told, finding: FindingId, event: AuditEvent) -> EventId:
    entry = chained(told.tip, finding, event)
    told.tip = Tip(entry.seq, entry.hash)
    chain = {"id": entry.seq, "seq": entry.seq, "previous": entry.previous, "hash": entry.hash}
    told.rows[events].append({**event_values(event), "finding_id": finding, **chain})
    return EventId(entry.seq)


def _cards(run: Run, made: Sequence[Finding]) -> Mapping[FindingId, Intent]:
    news = [News(finding, Novelty.NEW) for finding in made]
    posts = announce_run(run, news, {}, home=None).post
    return {post.finding: post for post in posts if post.finding is not None}


def _settled(intent: Intent) -> dict[str, Any]:
    ts = MessageTs(f"{intent.created_at.timestamp():.6f}")
    return {**intent_values(replace(intent, ts=ts, drawn=intent.wanted)), "wanted_at": intent.created_at}


def _run_values(run: Run) -> dict[str, Any]:
    window = run.window
    return {
        **request_values(run.request),
        "id": run.id,
        "state": run.state,
        "window_start": window.start if window else None,
        "window_end": window.end if window else None,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "receipt": asdict(run.receipt) if run.receipt else None,
        "is_complete": run.state is RunState.DONE,
        "error": run.error,
    }


def _channel_of(hunt: Slug) -> ChannelId:
    return ChannelId(f"C0{hunt.upper().replace('-', '')}")


def _thrown(told: _Told, weights: Mapping[T, int]) -> T:
    [thrown] = told.dice.choices(list(weights), list(weights.values()))
    return thrown
