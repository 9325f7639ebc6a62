"""What is known about a hit, a short line each, the most telling first; works for any hunt's columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.blocks import blast, rich, summary
from bot.blocks.rich import Json, Line
from bot.blocks.summary import columns_said, is_trait
from bot.blocks.text import VALUE_CAP, counted, in_whole_words, literal, lookalikes, spoken
from bot.domain.finding import Finding
from bot.domain.hit import OUTCOME, Hit
from bot.domain.hunt import REVOKED_AT, Hunt
from bot.domain.secrets import is_secret_name, masked_text

REVOKED_BY = "revoked_by"
_POSING, _LETTERS = 3, 4  # columns warned of, and letters named in each
FURTHER = 8  # columns on a card beyond those that have a line of their own

# Columns that belong on one line, by the label they stand under.
_GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    ("By", ("actor", "actor_type")),
    ("From", ("source_ip", "user_agent")),
    ("Account", ("account", "region")),
    ("Qualifier", ("qualifier",)),
)
_USER_AGENT = "user_agent"
_USER_AGENT_CAP = 40  # on a card: which tool it was stands first

_CONDITIONS = frozenset(blast.CONDITION_WORDS)  # of a grant: its blast radius tells them
_TOLD_ELSEWHERE = frozenset({REVOKED_AT, REVOKED_BY, OUTCOME, *(c for _, group in _GROUPS for c in group)})


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands after it."""

    label: str
    told: Line

    @property
    def line(self) -> Line:
        return [rich.words(f"{self.label}  ", bold=True), *self.told]


def of_finding(
    finding: Finding, cap: int = VALUE_CAP, known_accounts: frozenset[str] = frozenset()
) -> Iterator[Fact]:
    """The facts that every telling of a finding holds."""
    yield from at_stake(finding, cap, known_accounts)
    yield from who_and_when(finding, cap)


def at_stake(finding: Finding, cap: int = VALUE_CAP, known_accounts: frozenset[str] = frozenset()) -> Iterator[Fact]:
    """How far it reaches, and whether it was taken back."""
    if reach := blast.line(finding.face, known_accounts, cap):
        yield Fact("Blast radius", reach)
    yield from _removal(finding)


def who_and_when(finding: Finding, cap: int = VALUE_CAP) -> Iterator[Fact]:
    """By whom, from where, when, how often, since when."""
    yield from _grouped(finding.face, cap)
    yield Fact("When", [rich.moment(finding.face.at)])
    if finding.count > 1:
        span = [rich.moment(finding.first_seen, rich.MINUTES), rich.words(", last "), rich.moment(finding.last_seen)]
        yield Fact("Seen", [rich.words(f"{counted(finding.count, 'time')}, first "), *span])


def exactly(finding: Finding, hunt: Hunt) -> Iterator[Fact]:
    """The sentence in the words of the log, where the card's first line says it in plainer ones."""
    if summary.is_plainer(hunt, finding.face):
        yield Fact("Exactly", summary.line(hunt, finding.face))


def posing(hit: Hit) -> Iterator[Fact]:
    """Values in which letters pose as those of another script: a name is not what it looks like."""
    odd = {name: said for name in hit.columns if (said := lookalikes(hit.text(name) or ""))}
    for name, letters in list(odd.items())[:_POSING]:
        told = f"in {label(name)}: {', '.join(letters[:_LETTERS])}{', …' if len(letters) > _LETTERS else ''}"
        yield Fact("⚠️ Look-alike letters", [rich.words(told)])


def further(finding: Finding, hunt: Hunt, cap: int = VALUE_CAP, most: int = FURTHER) -> Iterator[Fact]:
    """The columns that no line above showed: those the hunt names, else every trait; the rest is counted."""
    hit = finding.face
    said = _TOLD_ELSEWHERE | columns_said(hunt, hit) | (_CONDITIONS if blast.line(hit) else frozenset())
    named = hunt.fields or [name for name, value in hit.columns.items() if is_trait(name, value)]
    left = [name for name in named if name not in said and hit.text(name)]
    for name in left[:most]:
        yield Fact(label(name), [rich.value(shown(hit, name, cap))])
    if len(left) > most:
        yield Fact("And", [rich.words(f"{counted(len(left) - most, 'more column')}: /hunt show {finding.ref}")])


def column(hit: Hit, name: str, cap: int) -> Fact:
    """A column under its own name."""
    return Fact(literal(name), [rich.value(shown(hit, name, cap))])


def is_secret(column: str) -> bool:
    """Whether a column's value is for nobody's eyes: that it is there is all that is said."""
    return is_secret_name(column)


def shown(hit: Hit, column: str, cap: int) -> str:
    return "present" if is_secret(column) else literal(masked_text(hit.text(column) or ""), cap)


def label(column: str) -> str:
    """`statement_id` as `Statement id`; a dotted name of Elastic's as it is."""
    plain = literal(column)
    return plain if "." in plain else plain.replace("_", " ").capitalize()


def _grouped(hit: Hit, cap: int) -> Iterator[Fact]:
    for name, columns in _GROUPS:
        told: list[Json] = []
        for column in columns:
            if text := hit.text(column):
                told += [rich.words(" · ")] if told else []
                is_long = column == _USER_AGENT and cap == VALUE_CAP
                agent = in_whole_words(masked_text(text), _USER_AGENT_CAP)
                told.append(rich.value(agent if is_long else shown(hit, column, cap)))
        if told:
            yield Fact(name, told)


def _removal(finding: Finding) -> Iterator[Fact]:
    """Whether it was taken back; only for hunts that look for it, and only where something was granted."""
    face = finding.face
    if REVOKED_AT not in face.columns or not face.was_granted:
        return
    if not face.is_revoked:
        yield Fact("Still standing", [rich.words("No removal was seen (no proof that it still stands)")])
        return
    others = [] if finding.is_revoked else [rich.words(". Of another such grant no removal was seen")]
    yield Fact("Taken back", [*_by(face), *_at(face), *others])


def _by(hit: Hit) -> list[Json]:
    return [rich.words("by "), rich.value(shown(hit, REVOKED_BY, VALUE_CAP))] if hit.text(REVOKED_BY) else []


def _at(hit: Hit) -> list[Json]:
    """After how long, and when."""
    text = hit.text(REVOKED_AT) or ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return [rich.words(" "), rich.value(literal(text))]
    at = moment.replace(tzinfo=moment.tzinfo or UTC)
    after = [rich.words(f" after {spoken(at - hit.at)}, ")] if at >= hit.at else [rich.words(" ")]
    return [*after, rich.moment(at)]
