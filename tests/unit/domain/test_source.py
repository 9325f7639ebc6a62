"""Whether the logs speak: what is asked, and who is missed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.hunt import Window
from bot.domain.rows import Column, Rows
from bot.domain.source import (
    MOST_SOURCES,
    TALKATIVE,
    Hush,
    Source,
    Spoke,
    counting,
    counting_places,
    hushed,
    parameters_for,
    sources_of,
)
from tests.examples import GRANTS
from tests.stand_ins import START

DAY = timedelta(days=1)
WINDOW = Window(START - 7 * DAY, START)
LATELY, LONG_AGO = START - timedelta(hours=1), START - 2 * DAY


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ("FROM logs-aws.cloudtrail-* | LIMIT 5", [("logs-aws.cloudtrail-*", "")]),
        ("from a, b-* METADATA _id | LIMIT 5", [("a", ""), ("b-*", "")]),
        ('FROM logs-* | WHERE event.dataset == "aws.cloudtrail"', [("logs-*", "aws.cloudtrail")]),
        ('FROM logs-* | WHERE event.dataset IN ("a.b", "c.d")', [("logs-*", "a.b"), ("logs-*", "c.d")]),
        ('FROM logs-* // event.dataset == "x"\n| WHERE message == "// event.dataset"', [("logs-*", "")]),
        ('FROM logs-* | WHERE event.dataset != "x"', [("logs-*", "")]),
        ("ROW a = 1", []),
        (f"FROM {', '.join('abcdefgh')} | LIMIT 1", [(name, "") for name in "abcdefgh"[:MOST_SOURCES]]),
    ],
)
def test_the_sources_are_what_the_query_reads(query: str, sources: list[tuple[str, str]]) -> None:
    found = sources_of(replace(GRANTS, query=query))
    assert [(source.index, source.dataset) for source in found] == sources


def test_what_is_asked_binds_every_value_and_quotes_an_odd_index() -> None:
    plain, odd = Source("logs-*", 'a" OR true'), Source('a b"c')

    assert "event.dataset == ?dataset" in counting(plain)
    assert "OR true" not in counting(plain) + counting_places(plain)
    assert parameters_for(plain, WINDOW) == {**WINDOW.parameters, "dataset": 'a" OR true'}
    assert counting(odd).startswith('FROM "a bc" |')
    assert parameters_for(odd, WINDOW) == dict(WINDOW.parameters)


def counted(events: object, latest: object) -> Rows:
    return Rows((Column("events", "long"), Column("latest", "date")), ((events, latest),))  # type: ignore[arg-type]


def test_a_count_is_read_and_an_answer_of_another_shape_leaves_it_unknown() -> None:
    source = Source("logs")
    assert source.with_answer(counted(5, LATELY.isoformat())) == Source("logs", "", 5, LATELY)
    assert source.with_answer(counted(0, None)) == Source("logs", "", 0)
    assert source.with_answer(Rows((), ())).events is None
    assert source.with_answer(Rows((Column("principal", "keyword"),), (("alice",),))).events is None


def test_places_without_a_count_or_a_time_are_left_out() -> None:
    columns = tuple(Column(name, "keyword") for name in ("events", "latest", "account", "region"))
    rows = Rows(columns, ((7, LATELY.isoformat(), "1", None), (None, None, "2", "r")))
    assert Source("logs").with_places(rows).places == (Spoke("1", "", 7, LATELY),)


def spoke(account: str, latest: object = LATELY, events: int = TALKATIVE) -> Spoke:
    return Spoke(account, "eu-west-1", events, latest)  # type: ignore[arg-type]


def source(*places: Spoke, latest: object = LATELY, events: int | None = 500) -> Source:
    return Source("logs", "", events, latest, places)  # type: ignore[arg-type]


SILENT = Source("logs", "", 0)


@pytest.mark.parametrize(
    ("now", "before", "missed"),
    [
        (source(spoke("1")), source(spoke("1")), []),
        (SILENT, source(spoke("1")), [("", None)]),
        (source(latest=LONG_AGO), source(), [("", LONG_AGO)]),
        (source(spoke("1"), spoke("2", LONG_AGO)), source(), [("2", LONG_AGO)]),
        (source(spoke("1"), spoke("2", LONG_AGO, 3)), source(), []),
        (source(spoke("1")), source(spoke("1"), spoke("2", LONG_AGO)), [("2", LONG_AGO)]),
        (source(spoke("1")), source(spoke("1"), spoke("2", LONG_AGO, 3)), []),
        (source(), source(spoke("1", LONG_AGO)), []),
        (source(events=None), source(spoke("1", LONG_AGO)), []),
    ],
    ids=[
        "all speak",
        "nothing at all arrived",
        "it spoke, and then no more",
        "an account fell silent",
        "an account that never said much",
        "an account is gone",
        "one that never said much is gone",
        "nobody knows who spoke",
        "nobody could ask",
    ],
)
def test_who_used_to_speak_is_missed(now: Source, before: Source, missed: list[tuple[str, object]]) -> None:
    assert [(hush.account, hush.since) for hush in hushed([now], [before], WINDOW)] == missed


def test_a_source_that_is_silent_is_not_told_again_by_its_accounts() -> None:
    other = Source("other", "", 9, LATELY)
    assert hushed([SILENT, other], [source(spoke("1", LONG_AGO))], WINDOW) == (Hush(SILENT),)
