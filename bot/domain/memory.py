"""Memory: what was said of the same thing before, told to whoever is about to judge it again."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.domain.finding import Finding, FindingId, ref
from bot.domain.hit import Hit, fingerprint
from bot.domain.hunt import Hunt, IdentityKey
from bot.domain.responder import Place, UserId
from bot.domain.severity import Severity
from bot.domain.triage import EventId, Move, Press, Refusal, Resolution

MEMORABLE = ("principal", "function")  # of a hunt that names no columns: who got something, and what
HARMLESS = frozenset({Resolution.BENIGN, Resolution.EXPECTED})
LONGEST_NOTE = 2_000

_ECHO = re.compile(r"\Athe same as F-[0-9]+(?:: )?")

OVERTAKEN = "What was said before has changed since the message was drawn. Please look at it again."


@dataclass(frozen=True, slots=True)
class Memory:
    """What a verdict on one finding is worth telling of another by: the same hunt, the same values in `columns`."""

    hunt_uuid: str
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, hunt: Hunt) -> "Memory":
        return cls(hunt.uuid, hunt.memory)

    def columns_of(self, hit: Hit) -> tuple[str, ...]:
        """What a hit is remembered by; nothing where one of them is not known: then only the same finding is it."""
        columns = self.columns or MEMORABLE
        return columns if all(hit.text(column) for column in columns) else ()

    def key_of(self, hit: Hit) -> str:
        columns = self.columns_of(hit)
        if not columns:
            return hit.fingerprint
        return fingerprint(self.hunt_uuid, tuple(map(IdentityKey, columns)), hit.columns)


FORGETFUL = Memory("")  # of hits that no hunt of ours made


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a finding was resolved: `event` is the line of its history that says so, `severity` how bad it was then."""

    event: EventId
    finding: FindingId
    by: UserId
    at: datetime
    resolution: Resolution
    note: str = ""
    severity: Severity | None = None

    @property
    def ref(self) -> str:
        return ref(self.finding)


class Offer(Enum):
    """Whether the same may be said again with one press, or why not."""

    SAME_AGAIN = "same again"
    NOT_HARMLESS = "it was not called harmless"
    NOW_WORSE = "it was given for something less severe"


def offer(finding: Finding, verdict: Verdict) -> Offer:
    """A verdict is no licence: only what was harmless is offered, and only for what is no worse than it was then."""
    if verdict.resolution not in HARMLESS:
        return Offer.NOT_HARMLESS
    if verdict.severity is None or finding.severity.rank > verdict.severity.rank:
        return Offer.NOW_WORSE
    return Offer.SAME_AGAIN


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """An earlier verdict as a card tells it.

    `columns` are those in which the two findings are the same, none where it is the same finding; `url` leads to the
    message of the earlier one.
    """

    verdict: Verdict
    offer: Offer
    columns: tuple[str, ...] = ()
    is_own: bool = False
    url: str | None = None


def seen_before(hunt: Hunt, finding: Finding, verdict: Verdict, url: str | None = None) -> SeenBefore:
    is_own = verdict.finding == finding.id
    columns = () if is_own else Memory.of(hunt).columns_of(finding.face)
    return SeenBefore(verdict, offer(finding, verdict), columns, is_own, None if is_own else url)


@dataclass(frozen=True, slots=True)
class SameAgain:
    """A press that says once more what was said before; `verdict` is the one that its presser saw."""

    verdict: EventId
    by: UserId
    at: datetime
    place: Place = Place()
    delivery: str | None = None


def say_again(finding: Finding, verdict: Verdict | None, asked: SameAgain) -> Press | Refusal:
    """What such a press comes to, where `verdict` is the one that stands now.

    Refused where it is not the one that the presser saw, or is not offered; without a reason where somebody resolved
    the finding first.
    """
    refused = Refusal(Move.RESOLVE, asked.by, asked.at, asked.place, "", asked.delivery)
    if not finding.allows(Move.RESOLVE):
        return refused
    if verdict is None or verdict.event != asked.verdict or offer(finding, verdict) is not Offer.SAME_AGAIN:
        return Refusal(Move.RESOLVE, asked.by, asked.at, asked.place, OVERTAKEN, asked.delivery)
    return Press(
        Move.RESOLVE,
        asked.by,
        asked.at,
        asked.place,
        resolution=verdict.resolution,
        note=_echo(verdict),
        delivery=asked.delivery,
    )


def _echo(verdict: Verdict) -> str:
    """Names the verdict and keeps its reason; an echo of an echo names only the last."""
    reason = _ECHO.sub("", verdict.note)
    said = f"the same as {verdict.ref}"
    return f"{said}: {reason}"[:LONGEST_NOTE] if reason else said
