"""Suppression rules as the terminal shows them, with what they would have hidden."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from bot.blocks import summary
from bot.blocks.suppression import left
from bot.blocks.text import SHORT_CAP, VALUE_CAP, counted, literal
from bot.domain.hit import Hit
from bot.domain.hunt import Hunt, HuntShelf
from bot.domain.lines import iso
from bot.domain.suppression import Effect, Suppression

Json = dict[str, object]


def rule_object(rule: Suppression, at: datetime) -> Json:
    return {
        "line": rule.line,
        "hunt": rule.hunt,
        "where": dict(rule.where),
        "up_to": rule.up_to.value if rule.up_to else None,
        "reason": rule.reason,
        "owner": rule.owner,
        "expires": rule.expires.isoformat(),
        "days_left": rule.days_left(at),
        "is_over": rule.is_over(at),
    }


def effect_object(effect: Effect, hunt: Hunt, at: datetime) -> Json:
    return {
        **rule_object(effect.rule, at),
        "would_have_hidden": {
            "hits": effect.hits,
            "findings": effect.findings,
            "worst": effect.worst.value if effect.worst else None,
            "examples": [_example(hit, hunt) for hit in effect.examples],
        },
        "unknown_columns": list(effect.strangers),
        "is_incomplete": effect.is_incomplete,
        "fault": effect.fault,
    }


def _example(hit: Hit, hunt: Hunt) -> Json:
    what = {"event": hit.id, "at": iso(hit.at), "severity": hit.severity.value}
    return {**what, "summary": summary.filled(hunt, hit)}


def table(told: Sequence[Effect], known: HuntShelf, at: datetime) -> Table:
    drawn = Table(show_lines=True)
    for name in ("Rule", "Why, and who says so", "Until", "Would have hidden"):
        drawn.add_column(name, overflow="fold")
    for effect in told:
        rule = effect.rule
        drawn.add_row(
            Text(f"{rule.hunt}\n{scope(rule)}"),
            Text(f"{literal(rule.reason)}\n{literal(rule.owner, SHORT_CAP)}"),
            Text(ends(rule, at), style="bold red" if rule.is_over(at) else "yellow" if rule.ends_soon(at) else ""),
            Text("\n".join(_hidden(effect, known.recall(rule.hunt)))),
        )
    return drawn


def scope(rule: Suppression) -> str:
    columns = [f"{column} = {literal(text)}" for column, text in rule.where.items()]
    return ", ".join([*columns, *([f"up to {rule.up_to.value}"] if rule.up_to else [])])


def ends(rule: Suppression, at: datetime) -> str:
    day = rule.expires.isoformat()
    return f"{day}, OVER" if rule.is_over(at) else f"{day}, {left(rule, at)} left"


def _hidden(effect: Effect, hunt: Hunt) -> list[str]:
    if effect.fault is not None:
        return [f"unknown: {effect.fault}"]
    least = "at least " if effect.is_incomplete else ""
    worst = f", {effect.worst.value} at worst" if effect.worst else ""
    told = [f"{least}{counted(effect.hits, 'hit')} in {counted(effect.findings, 'finding')}{worst}"]
    told += [f"{hit.severity.value}: {summary.say(hunt, hit, VALUE_CAP)}" for hit in effect.examples]
    return told + [f"the answer has no column {literal(column)}" for column in effect.strangers]
