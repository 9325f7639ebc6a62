"""What `/hunt suppressions` answers: each rule, who answers for it, until when, and what it would have hidden."""

from collections.abc import Callable, Iterator
from datetime import datetime

from bot.blocks import rich, state, summary
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.rows import tally
from bot.blocks.text import SHORT_CAP, VALUE_CAP, counted, escaped, literal
from bot.domain.hunt import Hunt, Slug
from bot.domain.suppression import Effect, Review, Suppression

SHOWN = 10
_FAULTS_SHOWN = 5
NONE = "No suppression rules: every hit becomes a finding. HUNTBOT_SUPPRESSIONS names their file."

HuntOf = Callable[[Slug], Hunt]


def text(review: Review) -> str:
    """One sentence, safe where Slack parses it."""
    if not (review.effects or review.faults):
        return NONE
    over = sum(effect.rule.is_over(review.at) for effect in review.effects)
    said = [counted(len(review.effects), "suppression rule")]
    said += [f"{over} over"] if over else []
    said += [f"{counted(len(review.faults), 'fault')} in the file"] if review.faults else []
    return escaped(f"{', '.join(said)}.")


def blocks(review: Review, hunt_of: HuntOf) -> tuple[Json, ...]:
    if not (review.effects or review.faults):
        return (rich.section([rich.words(NONE)]),)
    return fit(_parts(review, hunt_of))


def left(rule: Suppression, at: datetime) -> str:
    """How much longer a rule hides what it hides."""
    days = rule.days_left(at)
    return counted(days, "day") if days else "less than a day"


def _parts(review: Review, hunt_of: HuntOf) -> Iterator[Part]:
    shown = review.effects[:SHOWN]
    window = [
        *(rich.words("Held against what the logs answer from "), rich.moment(review.window.start, rich.MINUTES)),
        *(rich.words(" to "), rich.moment(review.window.end, rich.MINUTES)),
    ]
    heading = [rich.words("Suppression rules", bold=True), rich.words(f"  {tally(len(shown), len(review.effects))}")]
    yield Part(rich.section(heading, window))
    if review.faults:
        yield Part(rich.section(*_faults(review)))
    for effect in shown:
        yield Part(_rule(effect, review.at), Keep.LONG)
        if effect.examples:
            yield Part(rich.bullets(_examples(effect, hunt_of(effect.rule.hunt))), Keep.SHORT)


def _faults(review: Review) -> Iterator[Line]:
    yield [rich.words(f"⛔ {counted(len(review.faults), 'fault')} in the file: what is at fault hides nothing")]
    for fault in review.faults[:_FAULTS_SHOWN]:
        yield [rich.value(literal(str(fault)))]


def _rule(effect: Effect, at: datetime) -> Json:
    rule = effect.rule
    return rich.section(
        [rich.value(rule.hunt, bold=True), rich.words(" where "), *_scope(rule)],
        [rich.words(literal(rule.reason)), rich.words(" · "), rich.value(literal(rule.owner, SHORT_CAP))],
        _end(rule, at),
        _hidden(effect),
        *([rich.words("⚠️ The answer has no column "), rich.value(literal(name))] for name in effect.strangers),
    )


def _scope(rule: Suppression) -> Iterator[Json]:
    for number, (column, wanted) in enumerate(rule.where.items()):
        yield rich.words(f"{' and ' if number else ''}{literal(column, SHORT_CAP)} is ")
        yield rich.value(literal(wanted))
    if rule.up_to is not None:
        yield rich.words(f", up to {rule.up_to.value}")


def _end(rule: Suppression, at: datetime) -> Line:
    day = rule.expires.isoformat()
    if rule.is_over(at):
        return [rich.words(f"⌛ OVER since {day}: it hides nothing", bold=True)]
    return [rich.words(f"{'⌛ ' if rule.ends_soon(at) else ''}until {day}, {left(rule, at)} left")]


def _hidden(effect: Effect) -> Line:
    if effect.fault is not None:
        return [rich.words("⚠️ Nobody knows what it hides: "), rich.words(literal(effect.fault))]
    least = "at least " if effect.is_incomplete else ""
    worst = f", {state.grade(effect.worst)} at worst" if effect.worst else ""
    hidden = f"{least}{counted(effect.hits, 'hit')} in {counted(effect.findings, 'finding')}{worst}"
    return [rich.words("Would have hidden "), rich.words(hidden, bold=True)]


def _examples(effect: Effect, hunt: Hunt) -> Iterator[Line]:
    for hit in effect.examples:
        yield [rich.words(f"{state.grade(hit.severity)} "), *summary.line(hunt, hit, VALUE_CAP)]
