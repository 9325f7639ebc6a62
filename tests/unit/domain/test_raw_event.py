"""How the event behind a finding is asked for, and how it is written down."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.raw_event import NoRawEvent, RawEvent, query_for, read_event
from bot.domain.rows import Column, Rows, Value
from tests.unit.blocks.examples import GRANTS, hit

CLOUDTRAIL = replace(GRANTS, query="FROM logs-aws.cloudtrail-*, other:logs-* | WHERE true")


def answered(**fields: Value) -> Rows:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return Rows(tuple(Column(name, "keyword") for name in named), (tuple(named.values()),))


def test_one_event_is_asked_for_by_its_id_around_its_time_with_every_value_bound() -> None:
    asked = query_for(CLOUDTRAIL, hit({"event_id": 'e" OR true'}))

    assert asked is not None
    assert asked.text == (
        "FROM logs-aws.cloudtrail-*, other:logs-* | WHERE event.id == ?event_id "
        "AND @timestamp >= ?_tstart AND @timestamp < ?_tend | LIMIT 1"
    )
    assert asked.params["event_id"] == 'e" OR true'
    assert (asked.params["_tstart"], asked.params["_tend"]) == (
        (hit().at - timedelta(minutes=1)).isoformat(),
        (hit().at + timedelta(minutes=1)).isoformat(),
    )


def test_rows_that_name_no_event_can_not_be_looked_up() -> None:
    assert query_for(CLOUDTRAIL, hit({"event_id": None})) is None
    assert query_for(replace(GRANTS, query="ROW a = 1"), hit()) is None


def test_the_original_is_shown_where_the_index_keeps_it() -> None:
    original = json.dumps({"eventID": "e-1", "requestParameters": {"eventSourceToken": "hunter2!"}})
    event = read_event(answered(event__id="e-1", event__original=original))

    assert isinstance(event, RawEvent)
    assert event.is_original
    assert json.loads(event.text) == {"eventID": "e-1", "requestParameters": {"eventSourceToken": "[masked]"}}
    assert event.text.startswith('{\n  "eventID": "e-1"')


@pytest.mark.parametrize("original", [None, "no JSON", "[1]", "[" * 100_000])
def test_else_every_field_that_holds_something(original: str | None) -> None:
    event = read_event(answered(event__original=original, event__id="e-1", empty=None, tags=("a", "b")))

    assert isinstance(event, RawEvent)
    assert not event.is_original
    shown = json.loads(event.text)
    assert (shown["event.id"], shown["tags"]) == ("e-1", ["a", "b"])
    assert "empty" not in shown


def test_an_event_that_is_gone_is_said_to_be() -> None:
    gone = read_event(Rows((Column("event.id", "keyword"),), ()))

    assert gone == NoRawEvent("The logs hold it no longer, or not yet: no event of this id was found.")
