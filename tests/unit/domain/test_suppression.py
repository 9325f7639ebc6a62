"""Suppression rules: what they cover, what they refuse to be, when they are over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.domain.hit import Hit
from bot.domain.hunt import Slug
from bot.domain.rows import Value
from bot.domain.severity import Severity
from bot.domain.suppression import Suppression, Suppressions, effect_of
from bot.errors import BadArgument
from tests.examples import GRANTS, hit
from tests.stand_ins import START

LATER = START.date() + timedelta(days=30)


def rule(where: Mapping[str, str] | None = None, **rest: Any) -> Suppression:
    given: dict[str, Any] = {"reason": "judged", "owner": "anna", "expires": LATER, **rest}
    return Suppression(GRANTS.slug, {"principal": "alice"} if where is None else where, **given)


def with_columns(columns: Mapping[str, Value], severity: Severity = Severity.HIGH) -> Hit:
    return replace(hit(severity=severity), columns=columns)


@pytest.mark.parametrize(
    ("where", "columns", "expected"),
    [
        ({"principal": "alice"}, {"principal": "alice"}, True),
        ({"principal": "ALICE"}, {"principal": "alice"}, True),
        ({"principal": "alice"}, {"principal": "malice"}, False),
        ({"principal": "al*"}, {"principal": "alice"}, True),
        ({"principal": "alice", "account": "1*"}, {"principal": "alice", "account": "111122223333"}, True),
        ({"principal": "alice", "account": "1*"}, {"principal": "alice", "account": "211122223333"}, False),
        ({"principal": "alice", "account": "1*"}, {"principal": "alice", "account": None}, False),
        ({"principal": "alice", "account": "**"}, {"principal": "alice", "account": None}, False),
        ({"principal": "alice", "account": "**"}, {"principal": "alice"}, False),
        ({"principal": "alice", "account": "**"}, {"principal": "alice", "account": "x"}, True),
        ({"principal": "alice", "port": "443"}, {"principal": "alice", "port": 443}, True),
        ({"principal": "alice", "public": "true"}, {"principal": "alice", "public": True}, True),
        ({"principal": "*", "account": "1"}, {"principal": "*", "account": "1"}, True),
        ({"principal": "*", "account": "1"}, {"principal": "mallory", "account": "1"}, False),
        ({"principal": "a*"}, {"principal": ("alice", "anna")}, True),
        ({"principal": "a*"}, {"principal": ("alice", "mallory")}, False),
        ({"principal": "a*"}, {"principal": ()}, False),
    ],
)
def test_a_rule_covers_a_hit_whose_columns_are_all_as_it_says(
    where: Mapping[str, str], columns: Mapping[str, Value], *, expected: bool
) -> None:
    assert rule(where).covers(with_columns(columns)) is expected


@pytest.mark.parametrize(
    ("up_to", "severity", "expected"),
    [
        (None, Severity.CRITICAL, True),
        (Severity.MEDIUM, Severity.LOW, True),
        (Severity.MEDIUM, Severity.MEDIUM, True),
        (Severity.MEDIUM, Severity.HIGH, False),
    ],
)
def test_nothing_worse_than_was_judged_is_covered(
    up_to: Severity | None, severity: Severity, *, expected: bool
) -> None:
    assert rule(up_to=up_to).covers(with_columns({"principal": "alice"}, severity)) is expected


@pytest.mark.parametrize(
    ("where", "rest", "argument"),
    [
        ({}, {}, "where"),
        ({"principal": "*"}, {}, "where"),
        ({"principal": "**", "account": "*"}, {}, "where"),
        ({"principal": " "}, {}, "principal"),
        (None, {"reason": ""}, "reason"),
        (None, {"reason": "  "}, "reason"),
        (None, {"owner": ""}, "owner"),
        (None, {"expires": date.max}, "expires"),
        (None, {"expires": datetime.max.replace(tzinfo=UTC)}, "expires"),
        (None, {"expires": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "expires"),
    ],
)
def test_a_rule_has_a_scope_a_reason_an_owner_and_an_end(
    where: Mapping[str, str] | None, rest: Mapping[str, Any], argument: str
) -> None:
    with pytest.raises(BadArgument) as refused:
        rule(where, **rest)
    assert refused.value.argument == argument


@pytest.mark.parametrize(
    ("expires", "ends_at"),
    [
        (date(2026, 11, 2), datetime(2026, 11, 3, tzinfo=UTC)),
        (datetime(2026, 11, 2, 12), datetime(2026, 11, 2, 12, tzinfo=UTC)),  # noqa: DTZ001 - TOML may name no zone
        (datetime(2026, 11, 2, 12, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 11, 2, 10, tzinfo=UTC)),
    ],
)
def test_a_day_counts_to_its_end_and_a_moment_is_utc_unless_it_says(
    expires: date | datetime, ends_at: datetime
) -> None:
    ending = rule(expires=expires)
    just_before = ends_at - timedelta(microseconds=1)
    assert (ending.ends_at, ending.is_over(just_before), ending.is_over(ends_at)) == (ends_at, False, True)


@pytest.mark.parametrize(
    ("at", "days_left", "ends_soon", "is_over"),
    [
        (datetime(2026, 11, 1, tzinfo=UTC), 9, False, False),
        (datetime(2026, 11, 3, tzinfo=UTC), 7, True, False),
        (datetime(2026, 11, 9, 12, tzinfo=UTC), 0, True, False),
        (datetime(2026, 11, 12, tzinfo=UTC), 0, False, True),
    ],
)
def test_a_rule_says_how_long_it_has(at: datetime, days_left: int, *, ends_soon: bool, is_over: bool) -> None:
    ending = rule(expires=date(2026, 11, 9))
    assert (ending.days_left(at), ending.ends_soon(at), ending.is_over(at)) == (days_left, ends_soon, is_over)


def test_of_several_rules_the_first_hides_a_hit_and_one_that_is_over_hides_nothing() -> None:
    over = rule(expires=START - timedelta(seconds=1), line=1)
    narrow, wide = rule(line=2), rule({"principal": "a*"}, line=3)
    other_hunt = replace(rule({"principal": "bob"}), hunt=Slug("other"))
    rules = Suppressions((over, other_hunt, narrow, wide))
    alice, anna, bob = hit("e-1"), hit("e-2", principal="anna"), hit("e-3", principal="bob")

    kept, hidden = rules.sift(GRANTS.slug, (alice, anna, bob), START)

    assert kept == (bob,)
    assert [(each.rule.line, each.hits) for each in hidden] == [(2, (alice,)), (3, (anna,))]


def test_what_a_rule_would_have_hidden_is_told_worst_first_one_example_a_finding() -> None:
    seen = [
        hit("e-1", principal="ann", severity=Severity.LOW),
        hit("e-2", principal="ann", severity=Severity.HIGH),
        *(hit(f"x-{n}", principal=f"a{n}", severity=Severity.MEDIUM) for n in range(5)),
        hit("e-3", principal="bob", severity=Severity.CRITICAL),
    ]
    over = rule({"principal": "a*", "ghost": "a*"}, expires=START.date() - timedelta(days=9))

    blind = effect_of(over, seen, ["principal"], is_incomplete=True)
    told = effect_of(rule({"principal": "a*"}), seen, ["principal"], is_incomplete=False)

    assert (blind.hits, blind.worst, blind.strangers, blind.is_incomplete) == (0, None, ("ghost",), True)
    assert (told.hits, told.findings, told.worst) == (7, 6, Severity.HIGH)
    assert [example.id for example in told.examples] == ["e-2", "x-4", "x-3"]
