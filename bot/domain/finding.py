"""A finding: all hits of one identity, with the state of its triage; how hits and presses change it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NewType

from bot.domain.hit import Fingerprint, Hit
from bot.domain.hunt import Slug
from bot.domain.responder import HUNTBOT, UserId
from bot.domain.retention import NOTHING_FORGOTTEN, Forgotten
from bot.domain.severity import Severity
from bot.domain.triage import TRANSITIONS, AuditEvent, Move, Press, Refusal, Resolution, State
from bot.errors import UnknownFinding

FindingId = NewType("FindingId", int)

UNSAVED = FindingId(0)  # a finding that a dry run would record


def ref(finding_id: FindingId) -> str:
    """The id as people say it: `F-42`."""
    return "F-new" if finding_id == UNSAVED else f"F-{finding_id}"


def read_ref(text: str) -> FindingId:
    """`F-42`, `f42` or `42` as a finding's id.

    Raises:
        UnknownFinding: the text is no finding's id.
    """
    match = re.fullmatch(r"(?:f-?)?([0-9]{1,15})", text.strip(), re.IGNORECASE)
    if match is None:
        raise UnknownFinding(text)
    return FindingId(int(match[1]))


@dataclass(frozen=True, slots=True)
class Finding:
    """Times are aware, in UTC. `count` counts hits; `version` grows by one with every change that is seen.

    `forgotten` hits were purged and still count.
    `face` is the most severe hit, then the latest: what its message shows. `taken_at` is when `owner` took it,
    `opened_at` when it was recorded or last reopened, `pressed_severity` its severity at the last accepted press.
    """

    id: FindingId
    fingerprint: Fingerprint
    hunt: Slug
    face: Hit
    first_seen: datetime
    last_seen: datetime
    count: int
    is_revoked: bool
    opened_at: datetime
    from_backlog: bool
    state: State = State.OPEN
    owner: UserId | None = None
    taken_at: datetime | None = None
    escalated_at: datetime | None = None
    escalated_by: UserId | None = None
    is_taken_over: bool = False  # somebody acknowledged it after it was escalated
    resolved_at: datetime | None = None
    resolved_by: UserId | None = None
    resolution: Resolution | None = None
    resolution_note: str = ""
    pressed_severity: Severity | None = None
    snoozed_until: datetime | None = None  # hidden from the queue until then, its state kept
    snoozed_by: UserId | None = None
    version: int = 1
    memory_key: str = ""  # what makes the verdict on another finding worth telling of this one
    forgotten: Forgotten = NOTHING_FORGOTTEN

    @property
    def severity(self) -> Severity:
        return self.face.severity

    @property
    def ref(self) -> str:
        return ref(self.id)

    @property
    def is_open(self) -> bool:
        return self.state is not State.RESOLVED

    def allows(self, move: Move) -> bool:
        """Whether the table allows the move now; an escalated finding is taken over once for each escalation."""
        if (self.state, move) not in TRANSITIONS:
            return False
        return not (move is Move.ACKNOWLEDGE and self.is_taken_over)

    @property
    def waits_for_takeover(self) -> bool:
        """Whether it was escalated and nobody has acknowledged it since, whoever held it before."""
        return self.state is State.ESCALATED and not self.is_taken_over

    def is_with(self, user: UserId) -> bool:
        """Whether they hold it, so that giving it to them would change nothing."""
        return self.is_open and self.owner == user and not self.waits_for_takeover


def is_revoked(hits: Iterable[Hit], forgotten: Forgotten = NOTHING_FORGOTTEN) -> bool:
    """Whether every granted hit was taken back; False where nothing was granted."""
    granted = [hit for hit in hits if hit.was_granted]
    revoked = sum(hit.is_revoked for hit in granted) + forgotten.revoked
    return 0 < revoked == len(granted) + forgotten.granted


def press(finding: Finding, asked: Press) -> tuple[Finding, AuditEvent]:
    """What a press makes of a finding, and the line of history it leaves; refused, the finding is unchanged."""
    if asked.move not in PRESSES or not finding.allows(asked.move) or _is_in_vain(finding, asked):
        return finding, _event(asked, finding.state, finding.state, accepted=False)
    after = TRANSITIONS[finding.state, asked.move]
    judged = finding.severity if asked.move is Move.RESOLVE else None
    done = _event(asked, finding.state, after, accepted=True, severity=judged)
    if asked.move is Move.COMMENT:  # says something about it and does nothing with it
        return replace(finding, version=finding.version + 1), done
    moved = replace(
        finding,
        state=after,
        pressed_severity=finding.severity,
        snoozed_until=None,  # whoever acts on it is awake
        snoozed_by=None,
        version=finding.version + 1,
    )
    return _MOVED[asked.move](moved, asked), done


def refuse(finding: Finding, refused: Refusal) -> AuditEvent:
    """The line of history that a press leaves whose presser may not."""
    state = finding.state
    return AuditEvent(
        move=refused.move,
        by=refused.by,
        at=refused.at,
        before=state,
        after=state,
        accepted=False,
        note=refused.why,
        place=refused.place,
        delivery=refused.delivery,
    )


def wake(finding: Finding, at: datetime) -> tuple[Finding, AuditEvent]:
    """A snooze ended: open and nobody's again."""
    after = TRANSITIONS[finding.state, Move.WAKE]
    woken = replace(opened_anew(finding, at), version=finding.version + 1)
    return woken, AuditEvent(Move.WAKE, HUNTBOT, at, finding.state, after)


def opened_anew(finding: Finding, at: datetime) -> Finding:
    """Open and nobody's again, its history apart; the severity at the last press counts no more."""
    return replace(
        finding,
        state=State.OPEN,
        owner=None,
        taken_at=None,
        escalated_at=None,
        escalated_by=None,
        is_taken_over=False,
        resolved_at=None,
        resolved_by=None,
        resolution=None,
        resolution_note="",
        pressed_severity=None,
        snoozed_until=None,
        snoozed_by=None,
        opened_at=at,
        from_backlog=False,
    )


def _is_in_vain(finding: Finding, asked: Press) -> bool:
    """Whether whom it is given to holds it, or somebody snoozed it, ended the snooze or took it after the presser
    looked.
    """
    if asked.assignee is not None and finding.is_with(asked.assignee):
        return True
    stands = {Move.SNOOZE: finding.snoozed_until, Move.ASSIGN: finding.taken_at}
    return asked.move in stands and asked.replaces != stands[asked.move]


def _acknowledged(finding: Finding, asked: Press) -> Finding:
    return replace(finding, owner=asked.by, taken_at=asked.at, is_taken_over=finding.state is State.ESCALATED)


def _assigned(finding: Finding, asked: Press) -> Finding:
    return replace(finding, owner=asked.assignee, taken_at=asked.at, is_taken_over=finding.state is State.ESCALATED)


def _escalated(finding: Finding, asked: Press) -> Finding:
    return replace(finding, escalated_at=asked.at, escalated_by=asked.by, is_taken_over=False)


def _resolved(finding: Finding, asked: Press) -> Finding:
    return replace(
        finding,
        resolved_at=asked.at,
        resolved_by=asked.by,
        resolution=asked.resolution,
        resolution_note=asked.note,
    )


def _snoozed(finding: Finding, asked: Press) -> Finding:
    return replace(finding, snoozed_until=asked.until, snoozed_by=asked.by)


def _reopened(finding: Finding, asked: Press) -> Finding:
    return replace(opened_anew(finding, asked.at), pressed_severity=finding.severity)


_MOVED: Mapping[Move, Callable[[Finding, Press], Finding]] = {
    Move.ACKNOWLEDGE: _acknowledged,
    Move.ESCALATE: _escalated,
    Move.RESOLVE: _resolved,
    Move.REOPEN: _reopened,
    Move.SNOOZE: _snoozed,
    Move.ASSIGN: _assigned,
}
PRESSES = frozenset({*_MOVED, Move.COMMENT})


def _event(
    asked: Press, before: State, after: State, *, accepted: bool, severity: Severity | None = None
) -> AuditEvent:
    return AuditEvent(
        move=asked.move,
        by=asked.by,
        at=asked.at,
        before=before,
        after=after,
        accepted=accepted,
        resolution=asked.resolution,
        note=asked.note,
        place=asked.place,
        until=asked.until,
        delivery=asked.delivery,
        assignee=asked.assignee,
        severity=severity,
    )
