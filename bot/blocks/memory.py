"""What a card remembers: what was said of the same thing before, and what was seen when somebody asked again."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.blocks import actions, facts, rich, state
from bot.blocks.rich import Json, Line
from bot.blocks.text import VALUE_CAP, literal, spoken
from bot.domain.finding import Finding
from bot.domain.hit import TIMESTAMP, Hit
from bot.domain.hunt import REVOKED_AT
from bot.domain.memory import Offer, SeenBefore
from bot.domain.reach import FARTHEST
from bot.domain.run import Run, RunState
from bot.domain.triage import Resolution

DAY = "{date_short}"  # not the pretty one: "on today"
AGO = "{ago}"

_CALLED: Mapping[Resolution, str] = {
    Resolution.MALICIOUS: "called MALICIOUS",
    Resolution.BENIGN: "called benign",
    Resolution.EXPECTED: "called expected",
    Resolution.REVOKED: "closed as revoked",
}
_NAMES: Mapping[str, str] = {"principal": "grantee"}  # where the column's own name is no word for it


def seen_before(seen: SeenBefore) -> Iterator[Line]:
    """`Seen before: F-12 with the same grantee and function was called benign by @maya on 3 Nov: “our deploy”`."""
    verdict = seen.verdict
    is_alarm = verdict.resolution is Resolution.MALICIOUS
    note = [rich.words(f": “{literal(verdict.note, VALUE_CAP)}”")] if verdict.note else []
    yield [
        rich.words("🛑 Seen before: " if is_alarm else "🧠 Seen before: ", bold=True),
        *_which(seen),
        rich.words(" was "),
        rich.words(_CALLED[verdict.resolution], bold=True),
        rich.words(" by "),
        rich.person(verdict.by),
        rich.words(" on "),
        rich.moment(verdict.at, DAY),
        *note,
    ]
    if seen.offer is Offer.NOW_WORSE:
        was = f"{verdict.severity.value} then" if verdict.severity else "not known to be so bad then"
        yield [rich.words(f"It was {was}: this one is worse, so judge it by itself.", italic=True)]


def button(seen: SeenBefore | None, finding: Finding) -> Json | None:
    """Says the same with one press; None where that is not offered."""
    if seen is None or seen.offer is not Offer.SAME_AGAIN:
        return None
    said = state.RESOLUTION_WORDS[seen.verdict.resolution]
    return {
        "type": "button",
        "text": rich.plain(f"Same again: {said}"),
        "action_id": actions.SAME_AGAIN,
        "value": f"{seen.verdict.event}:{finding.id}",
        "accessibility_label": f"Same again: {said}, for {finding.ref} as for {seen.verdict.ref}",
    }


def checked(finding: Finding, check: Run | None) -> Line:
    """`Checked 2 minutes ago: no removal seen`; nothing where nobody asked since it was found."""
    if check is None or check.finished_at is None:
        return []
    outcome = _outcome(finding, check)
    return [rich.words("🔁 Checked "), rich.moment(check.finished_at, AGO), rich.words(": "), *outcome]


def _which(seen: SeenBefore) -> Line:
    verdict = seen.verdict
    if seen.is_own:
        return [rich.words(f"{verdict.ref} itself, before it came back,")]
    named = rich.link(seen.url, verdict.ref) if seen.url else rich.words(verdict.ref, bold=True)
    return [named, rich.words(f" with the same {_listed([_NAMES.get(c, _spelt(c)) for c in seen.columns])}")]


def _outcome(finding: Finding, check: Run) -> Line:
    face = finding.face
    if check.state is RunState.FAILED or check.receipt is None:
        return [rich.words(f"the logs did not say. {literal(check.error or 'No error was given.', VALUE_CAP)}")]
    if REVOKED_AT in face.columns and face.is_revoked:
        return _taken_back(face)
    if not check.receipt.is_complete:
        return [rich.words("not everything could be searched, so this says nothing of removals.")]
    if not check.receipt.hits:
        return [rich.words(f"the logs{_span(finding, check)} hold nothing of it any more.")]
    what = "no removal seen" if REVOKED_AT in face.columns and face.was_granted else "still in the logs"
    return [rich.words(f"{what}{_span(finding, check)}.")]


def _taken_back(face: Hit) -> Line:
    by = facts.shown(face, facts.REVOKED_BY, VALUE_CAP)
    who = [rich.words(" by "), rich.value(by)] if by else []
    after = _after(face)
    return [rich.words("taken back"), *who, rich.words(f" after {after}." if after else ".")]


def _after(face: Hit) -> str:
    """How long the grant stood; empty where one of the times is none."""
    try:
        removed = datetime.fromisoformat(face.text(REVOKED_AT) or "")
    except ValueError:
        return ""
    return spoken(removed - face.at) if face.text(TIMESTAMP) and removed.tzinfo is not None else ""


def _span(finding: Finding, check: Run) -> str:
    """That is said where the finding is older than what was looked at."""
    is_cut = check.window is not None and check.window.start > finding.first_seen
    return f" in the last {FARTHEST.days} days" if is_cut else ""


def _spelt(column: str) -> str:
    return literal(column if "." in column else column.replace("_", " "))


def _listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
