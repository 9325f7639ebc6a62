"""Hunts: lengths of time, identities, row limits, names."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.hunt import HuntShelf, IdentityKey, Slug, parse_duration
from bot.domain.rows import Column
from bot.errors import BadArgument, UnknownHunt
from tests.examples import GRANTS, SHELF


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(days=1)),
        (" 7D ", timedelta(days=7)),
        ("2 weeks", timedelta(weeks=2)),
        ("3653d", timedelta(days=3653)),
    ],
)
def test_a_length_of_time_is_read(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "7", "0d", "-1d", "1y", "4000d", "7d7d", "d", "1.5h"])
def test_what_is_no_length_of_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadArgument) as refusal:
        parse_duration(text)
    assert refusal.value.argument == text


def test_an_identity_key_may_ignore_case() -> None:
    assert IdentityKey.read("account") == IdentityKey("account")
    assert IdentityKey.read("lower( action )") == IdentityKey("action", ignores_case=True)


def test_without_an_identity_every_column_counts_that_is_no_time_number_event_or_opinion() -> None:
    columns = [
        *(Column("@timestamp", "date"), Column("count", "long"), Column("event.id", "keyword")),
        *(Column("severity", "keyword"), Column("reason", "keyword"), Column("user", "keyword")),
    ]

    assert replace(GRANTS, identity=()).identity_of(tuple(columns)) == (IdentityKey("user"),)
    assert GRANTS.identity_of(tuple(columns)) == (IdentityKey("principal"),)


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("FROM logs", 1_000),
        ("FROM logs | LIMIT 50", 50),
        ("FROM logs | limit 50 | SORT x", 50),
        ("FROM logs | LIMIT 5000 | WHERE x | LIMIT 20", 20),
        ("FROM logs | LIMIT 50 | STATS n = COUNT(*) BY x", 1_000),
        ("FROM logs | INLINE STATS n = COUNT(*) BY x | LIMIT 70", 70),
        ("FROM logs | LIMIT 999999", 10_000),
        ('FROM logs | WHERE x == "| LIMIT 5"', 1_000),
        ('FROM logs | GROK x """| LIMIT 5 "%{DATA}" """', 1_000),
        (r'FROM logs | EVAL x = REPLACE(x, """\\"""", "q") | LIMIT 70', 70),
        (r'FROM logs | EVAL x = REPLACE(x, """a""""", "| LIMIT 5") | LIMIT 70', 70),
        ("FROM logs // | LIMIT 5", 1_000),
    ],
)
def test_a_query_can_answer_so_many_rows(query: str, limit: int) -> None:
    assert replace(GRANTS, query=query).row_limit == limit


@pytest.mark.parametrize("name", ["grants", "GRANTS", " Grants "])
def test_a_hunt_is_found_by_its_name(name: str) -> None:
    assert SHELF.find(name) is GRANTS


def test_an_unknown_hunt_gets_the_nearest_names() -> None:
    shelf = HuntShelf({Slug(name): GRANTS for name in ("lambda-perms", "lambda-layers", "logins")})

    with pytest.raises(UnknownHunt, match="Did you mean lambda-perms") as refusal:
        shelf.find("lamda_perm")
    assert refusal.value.nearest[0] == "lambda-perms"


def test_a_finding_outlives_the_file_of_its_hunt() -> None:
    assert SHELF.recall(GRANTS.slug) is GRANTS
    assert SHELF.recall(Slug("gone")).name == "gone"
