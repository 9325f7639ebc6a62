"""What is known about a hit, a short line each, the most telling first; works for any hunt's columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.blocks import rich
from bot.blocks.rich import Json, Line
from bot.blocks.summary import columns_said, is_trait
from bot.blocks.text import VALUE_CAP, counted, literal
from bot.domain.finding import Finding
from bot.domain.hit import OUTCOME, Hit
from bot.domain.hunt import REVOKED_AT, Hunt

REVOKED_BY = "revoked_by"
FURTHER = 8  # columns on a card beyond those that have a line of their own

# Columns that belong on one line, by the label they stand under.
_GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    ("By", ("actor", "actor_type")),
    ("From", ("source_ip", "user_agent")),
    ("Account", ("account", "region")),
    ("Qualifier", ("qualifier",)),
)
_CONDITIONS: Mapping[str, str] = {
    "source_arn": "source ARN",
    "source_account": "source account",
    "principal_org_id": "organization",
    "function_url_auth_type": "function URL auth",
    "invoked_via_function_url": "invoked via function URL",
    "event_source_token": "event source token",
}
_SECRET = "event_source_token"  # noqa: S105 - the name of a column whose value is never shown
_USER_AGENT_CAP = 40

_TOLD_ELSEWHERE = frozenset(
    {REVOKED_AT, REVOKED_BY, OUTCOME, *_CONDITIONS, *(c for _, group in _GROUPS for c in group)}
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands after it."""

    label: str
    told: Line

    @property
    def line(self) -> Line:
        return [rich.words(f"{self.label}  ", bold=True), *self.told]


def of_finding(finding: Finding, cap: int = VALUE_CAP) -> Iterator[Fact]:
    """The facts that every card shows: who, from where, when, under which conditions, taken back or not."""
    hit = finding.face
    yield from _grouped(hit, cap)
    yield Fact("When", [rich.moment(hit.at)])
    yield from _conditions(hit, cap)
    yield from _removal(finding)
    if finding.count > 1:
        span = [rich.moment(finding.first_seen, rich.MINUTES), rich.words(", last "), rich.moment(finding.last_seen)]
        yield Fact("Seen", [rich.words(f"{counted(finding.count, 'time')}, first "), *span])


def further(finding: Finding, hunt: Hunt, cap: int = VALUE_CAP, most: int = FURTHER) -> Iterator[Fact]:
    """The columns that no line above showed: those the hunt names, else every trait; the rest is counted."""
    hit = finding.face
    said = _TOLD_ELSEWHERE | columns_said(hunt, hit)
    named = hunt.fields or [name for name, value in hit.columns.items() if is_trait(name, value)]
    left = [name for name in named if name not in said and hit.text(name)]
    for name in left[:most]:
        yield Fact(label(name), [rich.value(shown(hit, name, cap))])
    if len(left) > most:
        yield Fact("And", [rich.words(f"{counted(len(left) - most, 'more column')}: /hunt show {finding.ref}")])


def every_column(hit: Hit, cap: int) -> Iterator[Fact]:
    """All that the hunt's row holds, in its order, under the columns' own names."""
    return (Fact(literal(name), [rich.value(shown(hit, name, cap))]) for name in hit.columns if hit.text(name))


def is_secret(column: str) -> bool:
    """Whether a column's value is for nobody's eyes: that it is there is all that is said."""
    return column == _SECRET


def shown(hit: Hit, column: str, cap: int) -> str:
    return "present" if is_secret(column) else literal(hit.text(column) or "", cap)


def label(column: str) -> str:
    """`statement_id` as `Statement id`; a dotted name of Elastic's as it is."""
    plain = literal(column)
    return plain if "." in plain else plain.replace("_", " ").capitalize()


def _grouped(hit: Hit, cap: int) -> Iterator[Fact]:
    for name, columns in _GROUPS:
        told: list[Json] = []
        for column in columns:
            if hit.text(column):
                told += [rich.words(" · ")] if told else []
                told.append(
                    rich.value(shown(hit, column, min(cap, _USER_AGENT_CAP) if column == "user_agent" else cap))
                )
        if told:
            yield Fact(name, told)


def _conditions(hit: Hit, cap: int) -> Iterator[Fact]:
    """What narrows the grant; `none` is worth saying, where the hunt knows conditions at all."""
    if not any(column in hit.columns for column in _CONDITIONS):
        return
    told: list[Json] = []
    for column, name in _CONDITIONS.items():
        if hit.text(column):
            told += [rich.words(f"{'; ' if told else ''}{name} "), rich.value(shown(hit, column, cap))]
    yield Fact("Conditions", told or [rich.words("none")])


def _removal(finding: Finding) -> Iterator[Fact]:
    """Whether it was taken back; only for hunts that look for it, and only where something was granted."""
    face = finding.face
    if REVOKED_AT not in face.columns or not face.was_granted:
        return
    if not face.is_revoked:
        yield Fact("Removal", [rich.words("No removal was seen (no proof that it still stands)")])
        return
    others = [] if finding.is_revoked else [rich.words(". Of another such grant no removal was seen")]
    yield Fact("Removed", [*_by(face), *_at(face), *others])


def _by(hit: Hit) -> list[Json]:
    remover = hit.text(REVOKED_BY)
    return [rich.words("by "), rich.value(literal(remover))] if remover else []


def _at(hit: Hit) -> list[Json]:
    text = hit.text(REVOKED_AT) or ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return [rich.words(" "), rich.value(literal(text))]
    return [rich.words(" "), rich.moment(at.replace(tzinfo=at.tzinfo or UTC))]
