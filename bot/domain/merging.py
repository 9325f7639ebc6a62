"""What the hits of a run make of a finding: found, seen again, come back, got worse, taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.finding import UNSAVED, Finding, is_revoked, opened_anew
from bot.domain.hit import Fingerprint, Hit, HitId, face_of
from bot.domain.hunt import Slug
from bot.domain.memory import FORGETFUL, Memory
from bot.domain.responder import HUNTBOT
from bot.domain.run import Novelty
from bot.domain.triage import AuditEvent, Move, State

_NOVELTY = {Move.WORSEN: Novelty.WORSENED, Move.RECUR: Novelty.RECURRED, None: Novelty.KNOWN}


@dataclass(frozen=True, slots=True)
class Merged:
    """A finding after a run.

    `hits` are those that the run returned, `unseen` how many of them the store did not have; `events` are what
    the history gains; `is_changed` says that its message shows something else now.
    """

    finding: Finding
    novelty: Novelty
    events: tuple[AuditEvent, ...]
    hits: tuple[Hit, ...]
    unseen: int
    is_changed: bool = True


def by_finding(hits: Iterable[Hit]) -> Mapping[Fingerprint, tuple[Hit, ...]]:
    """The hits of each finding, in their order."""
    groups: dict[Fingerprint, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.fingerprint, []).append(hit)
    return {fingerprint: tuple(group) for fingerprint, group in groups.items()}


def is_backlog(hits: Iterable[Hit], searched_from: datetime | None) -> bool:
    """Whether all of it happened before the stretch that complete, unfiltered runs have searched (None: none was)."""
    return searched_from is None or all(hit.at < searched_from for hit in hits)


def found(hunt: Slug, hits: Sequence[Hit], at: datetime, *, from_backlog: bool, memory: Memory = FORGETFUL) -> Merged:
    """A finding that the store does not know yet; its id is UNSAVED."""
    face = face_of(hits)
    finding = Finding(
        id=UNSAVED,
        fingerprint=face.fingerprint,
        hunt=hunt,
        face=face,
        first_seen=min(hit.at for hit in hits),
        last_seen=max(hit.at for hit in hits),
        count=len(hits),
        is_revoked=is_revoked(hits),
        opened_at=at,
        from_backlog=from_backlog,
        memory_key=memory.key_of(face),
    )
    recorded = AuditEvent(Move.RECORDED, HUNTBOT, at, State.OPEN, State.OPEN)
    return Merged(finding, Novelty.BACKLOG if from_backlog else Novelty.NEW, (recorded,), tuple(hits), len(hits))


def seen_again(
    finding: Finding,
    before: Mapping[HitId, Hit],
    hits: Sequence[Hit],
    at: datetime,
    memory: Memory = FORGETFUL,
) -> Merged:
    """A known finding after a run: `before` are all hits it had, `hits` those that the run returned.

    It recurs by an unseen hit later than its resolution; it is worsened by a hit more severe than at the last
    press. Anything else refreshes it and leaves its triage alone. What may have been purged is not stored again.
    """
    hits = [hit for hit in hits if hit.id in before or not _was_purged(finding, hit)]
    unseen = [hit for hit in hits if hit.id not in before]
    everything = {**before, **{hit.id: hit for hit in hits}}.values()
    face = face_of(everything)
    merged = replace(
        finding,
        face=face,
        first_seen=min(hit.at for hit in everything),
        last_seen=max(hit.at for hit in everything),
        count=len(everything) + finding.forgotten.hits,
        is_revoked=is_revoked(everything, finding.forgotten),
        memory_key=memory.key_of(face),
    )
    if finding.forgotten.hits:
        merged = replace(
            merged,
            first_seen=min(finding.first_seen, merged.first_seen),
            last_seen=max(finding.last_seen, merged.last_seen),
        )
    events = _revocations(finding, before, hits, at)
    move = _reopening(finding, hits, unseen)
    if move is not None:
        events.append(AuditEvent(move, HUNTBOT, at, finding.state, State.OPEN))
        merged = opened_anew(merged, at)
    is_changed = merged != finding
    if is_changed:
        merged = replace(merged, version=finding.version + 1)
    return Merged(merged, _NOVELTY[move], tuple(events), tuple(hits), len(unseen), is_changed)


def _was_purged(finding: Finding, hit: Hit) -> bool:
    """Whether it is nothing new, though it is not stored. What is worse than the face was never seen: that stayed."""
    return finding.forgotten.might_hold(hit) and hit.severity.rank <= finding.severity.rank


def _reopening(finding: Finding, hits: Sequence[Hit], unseen: Sequence[Hit]) -> Move | None:
    pressed = finding.pressed_severity
    if pressed is not None and any(hit.severity.rank > pressed.rank for hit in hits):
        return Move.WORSEN
    resolved_at = finding.resolved_at
    if resolved_at is not None and any(hit.at > resolved_at for hit in unseen):
        return Move.RECUR
    return None


def _revocations(
    finding: Finding, before: Mapping[HitId, Hit], hits: Sequence[Hit], at: datetime
) -> list[AuditEvent]:
    """One event for what was taken back since it was last seen, however many hits it took."""
    seen_now = [hit for hit in hits if hit.is_revoked and hit.id in before and not before[hit.id].is_revoked]
    if not seen_now:
        return []
    note = "; ".join(dict.fromkeys(_removal(hit) for hit in seen_now))
    return [AuditEvent(Move.REVOCATION_SEEN, HUNTBOT, at, finding.state, finding.state, note=note)]


def _removal(hit: Hit) -> str:
    return f"by {hit.text('revoked_by') or 'unknown'} at {hit.text('revoked_at')}"
