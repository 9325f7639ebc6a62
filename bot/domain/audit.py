"""The audit chain: every event carries the hash of the one before it, so that a change or a hole shows.

hash = SHA-256 of the previous hash, a newline, and the event as canonical JSON (RFC 8785's order and separators for
the strings, integers, booleans and nulls that it holds). Times are ISO 8601 in UTC with microseconds.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.finding import FindingId, ref
from bot.domain.triage import AuditEvent

GENESIS = "0" * 64

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in its place: `seq` counts from 1 without gaps, `previous` and `hash` are 64 hex digits."""

    seq: int
    finding: FindingId
    event: AuditEvent
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of events that a purge took out, `first` and `last` included, replaced by the hash of its last."""

    first: int
    last: int
    hash: str
    purged_at: datetime


@dataclass(frozen=True, slots=True)
class Tip:
    """The end of the chain."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds: `checked` events were recomputed, `purged` taken out; `fault` says where it breaks."""

    checked: int
    purged: int
    tip: Tip
    fault: str | None = None


def plain(seq: int, finding: FindingId, event: AuditEvent) -> Json:
    """An event as it is exported and hashed."""
    return {
        "seq": seq,
        "at": _iso(event.at),
        "finding": ref(finding),
        "move": event.move.value,
        "by": event.by,
        "from": event.before.value,
        "to": event.after.value,
        "accepted": event.accepted,
        "resolution": event.resolution.value if event.resolution else None,
        "note": event.note,
        "until": _iso(event.until) if event.until else None,
        "channel": event.place.channel,
        "message": event.place.message,
    }


def chained(tip: Tip, finding: FindingId, event: AuditEvent) -> Entry:
    """The event as the next entry after `tip`."""
    seq = tip.seq + 1
    text = json.dumps(plain(seq, finding, event), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(f"{tip.hash}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return Entry(seq, finding, event, tip.hash, digest)


def verify(chain: Iterable[Entry | Gap], tip: Tip) -> Verdict:
    """Walk the chain, ordered by place, and compare its end with `tip`."""
    at, checked, purged = Tip(), 0, 0
    for link in chain:
        match link:
            case Gap():
                if link.first != at.seq + 1:
                    return Verdict(checked, purged, at, _hole(at.seq, link.first))
                purged += link.last - link.first + 1
                at = Tip(link.last, link.hash)
            case Entry():
                if link.seq != at.seq + 1:
                    return Verdict(checked, purged, at, _hole(at.seq, link.seq))
                if chained(at, link.finding, link.event) != link:
                    return Verdict(checked, purged, at, f"event {link.seq} is not as it was written")
                checked += 1
                at = Tip(link.seq, link.hash)
    if at != tip:
        return Verdict(checked, purged, at, f"the chain ends at {at.seq} and was written up to {tip.seq}")
    return Verdict(checked, purged, at)


def joined(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """The same stretches in order, those that touch made one: a later purge closes up to an earlier one."""
    whole: list[Gap] = []
    for gap in sorted(gaps, key=lambda gap: gap.first):
        if whole and whole[-1].last + 1 == gap.first:
            before = whole.pop()
            whole.append(Gap(before.first, gap.last, gap.hash, max(before.purged_at, gap.purged_at)))
        else:
            whole.append(gap)
    return tuple(whole)


def _hole(last: int, following: int) -> str:
    return f"after event {last} comes {following}: what stood between is gone"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
