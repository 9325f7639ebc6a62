"""What `/hunt suppressions` shows: each rule with its end and its effect, and nothing in it speaks to Slack."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks import suppression
from bot.blocks.limits import CHARACTERS, characters
from bot.domain.hunt import Hunt, Slug, Window
from bot.domain.severity import Severity
from bot.domain.suppression import Effect, Review, Suppression
from bot.errors import SuppressionError
from local.slack.blockkit import check_message_blocks
from local.slack.mentions import mentions
from tests.unit.blocks.examples import GRANTS, NOON, hit, read

WINDOW = Window(NOON - timedelta(days=30), NOON)
RULE = Suppression(
    hunt=GRANTS.slug,
    where={"principal": "ci-*", "account": "111122223333"},
    reason="The pipeline's own",
    owner="anna@example.com",
    expires=date(2026, 4, 1),
    up_to=Severity.MEDIUM,
)
HIDING = Effect(RULE, hits=15, findings=8, worst=Severity.MEDIUM, examples=(hit(),))


def hunt_of(slug: Slug) -> Hunt:
    del slug
    return GRANTS


def shown(effects: Sequence[Effect], faults: Sequence[SuppressionError] = ()) -> str:
    blocks = suppression.blocks(Review(WINDOW, NOON, tuple(effects), tuple(faults)), hunt_of)
    assert check_message_blocks(list(blocks)) == []
    assert sum(map(characters, blocks)) <= CHARACTERS
    return read(blocks)


def test_a_rule_is_shown_with_its_scope_its_owner_its_end_and_its_effect() -> None:
    said = shown([HIDING])
    for part in (
        "showing 1 of 1",
        "principal is ci-* and account is 111122223333, up to medium",
        "The pipeline's own · anna@example.com",
        "until 2026-04-01, 28 days left",
        "Would have hidden 15 hits in 8 findings, 🔶 MEDIUM at worst",
        "anyone (*) may lambda:InvokeFunction on pay",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("effect", "says"),
    [
        (Effect(replace(RULE, expires=date(2026, 3, 1))), "⌛ OVER since 2026-03-01: it hides nothing"),
        (Effect(replace(RULE, expires=date(2026, 3, 9))), "⌛ until 2026-03-09, 5 days left"),
        (Effect(replace(RULE, expires=date(2026, 3, 4))), "⌛ until 2026-03-04, less than a day left"),
        (replace(HIDING, is_incomplete=True), "Would have hidden at least 15 hits"),
        (Effect(RULE), "Would have hidden 0 hits in 0 findings"),
        (Effect(RULE, strangers=("acount",)), "⚠️ The answer has no column acount"),
        (
            Effect(RULE, fault="Elasticsearch could not be asked: down."),
            "⚠️ Nobody knows what it hides: Elasticsearch",
        ),
    ],
)
def test_what_is_to_be_looked_at_is_said(effect: Effect, says: str) -> None:
    assert says in shown([effect])


def test_what_does_not_load_is_said_first() -> None:
    fault = SuppressionError(Path("/etc/huntbot/suppressions.toml"), "[[suppression]] owner is missing", 12)
    said = shown([HIDING], [fault])
    assert "⛔ 1 fault in the file" in said
    assert "suppressions.toml:12: [[suppression]] owner is missing" in said
    assert "/etc/huntbot" not in said


def test_without_rules_it_says_so() -> None:
    assert shown([]).strip() == suppression.NONE
    assert suppression.text(Review(WINDOW, NOON, ())) == suppression.NONE


def test_the_notification_counts_what_there_is() -> None:
    over = Effect(replace(RULE, expires=date(2026, 3, 1)))
    fault = SuppressionError(Path("s.toml"), "x")
    said = suppression.text(Review(WINDOW, NOON, (HIDING, over), (fault,)))
    assert said == "2 suppression rules, 1 over, 1 fault in the file."


def test_very_many_long_rules_fit_into_one_message() -> None:
    where = {f"column_{n}": "x" * 900 for n in range(30)}
    long = replace(HIDING, rule=replace(RULE, where=where, reason="r" * 5_000), examples=(hit(),) * 3)
    assert "showing 10 of 400" in shown([long] * 400)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=300).filter(str.strip))
def test_nothing_in_a_rule_means_anything_to_slack(text: str) -> None:
    hostile = replace(RULE, where={text: f"{text}x"}, reason=text, owner=text)
    effect = replace(HIDING, rule=hostile, fault=text, strangers=(text,))
    blocks = suppression.blocks(
        Review(WINDOW, NOON, (effect,), (SuppressionError(Path("s.toml"), text, 1),)), hunt_of
    )
    assert check_message_blocks(list(blocks)) == []
    assert list(mentions("", list(blocks))) == []
