"""The audit chain: every event carries the hash of the one before it, so that a change or a hole shows.

hash = SHA-256 of the previous hash, a newline, and the event as canonical JSON (RFC 8785's order and separators for
the strings, integers, booleans and nulls that it holds). Times are ISO 8601 in UTC with microseconds.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce

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
    """Whether the chain holds as far as `tip`: `checked` events were recomputed, `purged` taken out.

    `fault` says where it breaks.
    """

    checked: int = 0
    purged: int = 0
    tip: Tip = Tip()
    fault: str | None = None


def plain(seq: int, finding: FindingId, event: AuditEvent) -> Json:
    """An event as it is exported and hashed."""
    said: Json = {
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
        "delivery": event.delivery,
    }
    if event.assignee:  # this and what follows is absent in what was hashed before there was any
        said["assignee"] = event.assignee
    if event.severity:
        said["severity"] = event.severity.value
    return said


def chained(tip: Tip, finding: FindingId, event: AuditEvent) -> Entry:
    """The event as the next entry after `tip`."""
    seq = tip.seq + 1
    text = json.dumps(plain(seq, finding, event), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(f"{tip.hash}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return Entry(seq, finding, event, tip.hash, digest)


def verify(chain: Iterable[Entry | Gap], tip: Tip) -> Verdict:
    """Walk the chain, ordered by place, and compare its end with `tip`."""
    return ended(reduce(follow, chain, Verdict()), tip)


def follow(so_far: Verdict, link: Entry | Gap) -> Verdict:
    """One step along the chain; nothing is looked at behind a fault."""
    if so_far.fault is not None:
        return so_far
    at = so_far.tip
    match link:
        case Gap(first, last, end):
            if first != at.seq + 1 or last < first:
                return replace(so_far, fault=_hole(at.seq, first))
            return replace(so_far, purged=so_far.purged + last - first + 1, tip=Tip(last, end))
        case Entry(seq, finding, event):
            if seq != at.seq + 1:
                return replace(so_far, fault=_hole(at.seq, seq))
            if chained(at, finding, event) != link:
                return replace(so_far, fault=f"event {seq} is not as it was written, or one before it is not")
            return replace(so_far, checked=so_far.checked + 1, tip=Tip(seq, link.hash))


def ended(so_far: Verdict, tip: Tip) -> Verdict:
    """The verdict where the chain was written up to `tip`."""
    if so_far.fault is not None or so_far.tip == tip:
        return so_far
    if so_far.tip.seq == tip.seq:
        return replace(so_far, fault=f"event {tip.seq} is not the one that was written last")
    return replace(so_far, fault=f"the chain ends at event {so_far.tip.seq} and was written up to {tip.seq}")


def remembers(link: Entry | Gap, kept: Tip) -> bool | None:
    """Whether a tip that was kept elsewhere still stands in the chain; None where this link can not tell."""
    match link:
        case Entry(seq, _, _, _, end) | Gap(_, seq, end) if seq == kept.seq:
            return end == kept.hash
        case _:
            return None


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
