"""Suppression: a rule, judged by somebody and for a time, that keeps hits from becoming findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.hit import Hit, shown
from bot.domain.hunt import Slug, Window
from bot.domain.rows import Value
from bot.domain.severity import Severity
from bot.domain.wildcards import is_anything, is_like
from bot.errors import BadArgument, SuppressionError

SOON = timedelta(days=7)  # a rule that ends within it is to be looked at again
EXAMPLES = 3

_YEARS = range(2000, 9999)  # the day after the last one there is can not be told


@dataclass(frozen=True, slots=True)
class Suppression:
    """Hits of `hunt` whose columns are all as `where` says, up to the severity `up_to`, until `expires`.

    `where` gives columns and whole texts, in any case, `*` for anything; `*` alone is the text `*` itself, as in a
    run's filter. A date as expiry counts to its end, in UTC. `line` is where the rule stands in its file, from 1.
    """

    hunt: Slug
    where: Mapping[str, str]
    reason: str
    owner: str
    expires: date | datetime
    up_to: Severity | None = None
    line: int | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that nobody answers for, that never ends, or that leaves nothing out.

        Raises:
            BadArgument: says which part, and what it needs.
        """
        if not self.where:
            raise BadArgument("where", "is missing: a rule without a scope would hide every hit")
        for column, pattern in self.where.items():
            if not pattern.strip():
                raise BadArgument(column, "must be a text that is not empty")
        if all(map(is_anything, self.where.values())):
            raise BadArgument("where", "matches everything: say more than *")
        for name, text in (("reason", self.reason), ("owner", self.owner)):
            if not text.strip():
                raise BadArgument(name, "is missing")
        if self.expires.year not in _YEARS:
            raise BadArgument("expires", "is no expiry: name a day on which somebody looks at the rule again")

    @property
    def ends_at(self) -> datetime:
        """The first instant, in UTC, at which it hides nothing any more."""
        if isinstance(self.expires, datetime):
            return self.expires.replace(tzinfo=self.expires.tzinfo or UTC).astimezone(UTC)
        return datetime.combine(self.expires + timedelta(days=1), time(), UTC)

    def is_over(self, at: datetime) -> bool:
        return at >= self.ends_at

    def days_left(self, at: datetime) -> int:
        """Whole days until it ends; 0 on its last day and afterwards."""
        return max((self.ends_at - at) // timedelta(days=1), 0)

    def ends_soon(self, at: datetime) -> bool:
        return at < self.ends_at <= at + SOON

    def covers(self, hit: Hit) -> bool:
        """Whether the hit is in its scope, in force or not; a column that is null or absent never matches."""
        if self.up_to is not None and hit.severity.rank > self.up_to.rank:
            return False
        return all(_matches(hit.columns.get(column), pattern) for column, pattern in self.where.items())


@dataclass(frozen=True, slots=True)
class Hidden:
    """The hits that a rule hid."""

    rule: Suppression
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All rules that loaded, in the order of their file."""

    rules: tuple[Suppression, ...] = ()

    def of(self, hunt: Slug) -> tuple[Suppression, ...]:
        return tuple(rule for rule in self.rules if rule.hunt == hunt)

    def sift(self, hunt: Slug, hits: Iterable[Hit], at: datetime) -> tuple[tuple[Hit, ...], tuple[Hidden, ...]]:
        """What is left of a hunt's hits, and what each rule in force hides; of several the first one hides it."""
        in_force = [_Hiding(rule) for rule in self.of(hunt) if not rule.is_over(at)]
        kept: list[Hit] = []
        for hit in hits:
            taker = next((hiding for hiding in in_force if hiding.rule.covers(hit)), None)
            (kept if taker is None else taker.hits).append(hit)
        return tuple(kept), tuple(Hidden(each.rule, tuple(each.hits)) for each in in_force if each.hits)


NO_RULES = Suppressions()


@dataclass(slots=True)
class _Hiding:
    rule: Suppression
    hits: list[Hit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule would have hidden over a stretch of time, in force or not.

    `examples` are one hit a finding, the worst and latest first. `strangers` are columns of its scope that the
    answer did not have: it hides nothing as long as that is so. `is_incomplete`: the answer was partial or cut off,
    so that it may be more. `fault` says why the hunt could not be asked; the rest is empty then.
    """

    rule: Suppression
    hits: int = 0
    findings: int = 0
    worst: Severity | None = None
    examples: tuple[Hit, ...] = ()
    strangers: tuple[str, ...] = ()
    is_incomplete: bool = False
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Every rule with what it would have hidden in `window`; `faults` are the rules that do not load."""

    window: Window
    at: datetime
    effects: tuple[Effect, ...]
    faults: tuple[SuppressionError, ...] = ()


def effect_of(rule: Suppression, hits: Sequence[Hit], columns: Iterable[str], *, is_incomplete: bool) -> Effect:
    """What a rule would have hidden of a hunt's answer: its hits and the names of its columns."""
    covered = [hit for hit in hits if rule.covers(hit)]
    faces: dict[str, Hit] = {}
    for hit in sorted(covered, key=lambda hit: (hit.severity.rank, hit.at, hit.id)):
        faces[hit.fingerprint] = hit
    worst_first = sorted(faces.values(), key=lambda hit: (hit.severity.rank, hit.at, hit.id), reverse=True)
    return Effect(
        rule=rule,
        hits=len(covered),
        findings=len(faces),
        worst=worst_first[0].severity if worst_first else None,
        examples=tuple(worst_first[:EXAMPLES]),
        strangers=tuple(sorted(rule.where.keys() - set(columns))),
        is_incomplete=is_incomplete,
    )


def _matches(value: Value, pattern: str) -> bool:
    """Of a multi-value every one has to match: what is beside the judged one was not judged."""
    match value:
        case None | ():
            return False
        case tuple():
            return all(_is_as_said(shown(item) or "", pattern) for item in value)
        case _:
            return _is_as_said(shown(value) or "", pattern)


def _is_as_said(text: str, pattern: str) -> bool:
    return text == "*" if pattern == "*" else is_like(text, pattern)
